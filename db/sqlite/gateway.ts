import { and, asc, desc, eq, gt, gte, lt, sql } from 'drizzle-orm'
import type { GatewayQueries } from '../gateway-queries.ts'
import { gatewayFaults, gatewayRevisions, gatewayRoutes } from '../schema/gateway.ts'
import type { Drizzle } from './drizzle.ts'

export function gatewayQueries(db: Drizzle): GatewayQueries {
  const { revision } = gatewayRevisions
  return {
    revision: async () =>
      db
        .select({ n: sql<number | null>`max(${revision})` })
        .from(gatewayRevisions)
        .get()?.n ?? 0,
    routes: async () =>
      db
        .select()
        .from(gatewayRoutes)
        .orderBy(asc(gatewayRoutes.id))
        .all()
        .map((row) => row.record),
    route: async (id) => db.select().from(gatewayRoutes).where(eq(gatewayRoutes.id, id)).get()?.record ?? null,
    async put(route) {
      const row = { revision: route.revision, record: route }
      db.insert(gatewayRoutes)
        .values({ id: route.id, ...row })
        .onConflictDoUpdate({ target: gatewayRoutes.id, set: row })
        .run()
    },
    async remove(id) {
      db.delete(gatewayRoutes).where(eq(gatewayRoutes.id, id)).run()
    },
    async addRevision(rows) {
      for (const row of rows) db.insert(gatewayRevisions).values(row).run()
    },
    async revisions(before, limit) {
      const newest = db
        .selectDistinct({ revision })
        .from(gatewayRevisions)
        .where(before === null ? undefined : lt(revision, before))
        .orderBy(desc(revision))
        .limit(limit)
        .all()
      const last = newest.at(-1)
      if (!last) return []
      return db
        .select()
        .from(gatewayRevisions)
        .where(and(gte(revision, last.revision), before === null ? undefined : lt(revision, before)))
        .orderBy(desc(revision), asc(gatewayRevisions.route))
        .all()
    },
    after: async (after) => db.select().from(gatewayRevisions).where(gt(revision, after)).orderBy(asc(revision)).all(),
    oldest: async () =>
      db
        .select({ n: sql<number | null>`min(${revision})` })
        .from(gatewayRevisions)
        .get()?.n ?? null,
    prune: async (below) => db.delete(gatewayRevisions).where(lt(revision, below)).run().changes,
    faults: async () =>
      db
        .select()
        .from(gatewayFaults)
        .orderBy(asc(gatewayFaults.expiresAt))
        .all()
        .map((row) => row.record),
    fault: async (id) => db.select().from(gatewayFaults).where(eq(gatewayFaults.id, id)).get()?.record ?? null,
    async addFault(fault) {
      db.insert(gatewayFaults).values({ id: fault.id, expiresAt: fault.expiresAt, record: fault }).run()
    },
    removeFault: async (id) => db.delete(gatewayFaults).where(eq(gatewayFaults.id, id)).run().changes === 1,
  }
}
