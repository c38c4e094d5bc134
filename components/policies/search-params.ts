/** The URL of the page: which policy, and what its preview supposes. */
import { parseAsInteger, parseAsString } from 'nuqs/server'

export const policiesSearch = {
  policy: parseAsString,
  /** seconds that the service is down */
  down: parseAsInteger.withDefault(20),
  /** requests a second of the whole fleet */
  rps: parseAsInteger.withDefault(200),
  processes: parseAsInteger.withDefault(10),
}

/** What may be supposed, least and most. */
export const SUPPOSED = { down: [1, 600], rps: [1, 10_000], processes: [1, 500] } as const
