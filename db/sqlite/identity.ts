import type { IdentityQueries } from '../identity-queries.ts'
import type { Drizzle } from './drizzle.ts'

export function identityQueries(_db: Drizzle): IdentityQueries {
  return {}
}
