import { and, asc, eq, sql } from 'drizzle-orm'
import type { PolicyQueries } from '../policy-queries.ts'
import { policies } from '../schema/policies.ts'
import type { Drizzle } from './drizzle.ts'

export function policyQueries(db: Drizzle): PolicyQueries {
  const at = (name: string, version: number) => and(eq(policies.name, name), eq(policies.version, version))
  return {
    get: async (name) => db.select().from(policies).where(eq(policies.name, name)).get()?.record ?? null,
    list: async () =>
      db
        .select()
        .from(policies)
        .orderBy(asc(policies.name))
        .all()
        .map((row) => row.record),
    count: async () => db.select({ n: sql<number>`count(*)` }).from(policies).get()?.n ?? 0,
    async add(policy) {
      db.insert(policies).values({ name: policy.name, version: policy.version, record: policy }).run()
    },
    replace: async (policy, version) =>
      db.update(policies).set({ version: policy.version, record: policy }).where(at(policy.name, version)).run()
        .changes === 1,
    remove: async (name, version) => db.delete(policies).where(at(name, version)).run().changes === 1,
  }
}
