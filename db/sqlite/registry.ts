import { and, eq, sql } from 'drizzle-orm'
import type { Instance, Service } from '../../core/instance.ts'
import { jsonText } from '../../core/json-text.ts'
import type { RegistryQueries } from '../queries.ts'
import { instances, services, tombstones } from '../schema/core.ts'
import type { Drizzle } from './drizzle.ts'
import { hot } from './hot.ts'

export function registryQueries(db: Drizzle): RegistryQueries {
  const p = sql.placeholder
  const one = hot<{ record: string; lastHeartbeatAt: number | null }>(
    db,
    db
      .select({
        record: sql`${instances.record}`.as('record'),
        lastHeartbeatAt: sql`${instances.lastHeartbeatAt}`.as('lastHeartbeatAt'),
      })
      .from(instances)
      .where(eq(instances.id, p('id'))),
  )
  const all = db.select().from(instances).prepare()
  const ofService = db
    .select()
    .from(instances)
    .where(eq(instances.service, p('service')))
    .prepare()
  const put = hot(
    db,
    db
      .insert(instances)
      .values({
        id: p('id'),
        service: p('service'),
        generation: p('generation'),
        revision: p('revision'),
        lastHeartbeatAt: p('lastHeartbeatAt'),
        record: p('record'),
      })
      .onConflictDoUpdate({
        target: instances.id,
        set: {
          service: sql`excluded.service`,
          generation: sql`excluded.generation`,
          revision: sql`excluded.revision`,
          lastHeartbeatAt: sql`excluded.last_heartbeat_at`,
          record: sql`excluded.record`,
        },
      }),
  )
  // A placeholder in `set` is not bound through the column's type, so the record is turned into JSON here.
  const replace = db
    .update(instances)
    .set({ revision: sql`${p('next')}`, record: sql`${p('record')}` })
    .where(and(eq(instances.id, p('id')), eq(instances.revision, p('revision'))))
    .prepare()
  const remove = db
    .delete(instances)
    .where(eq(instances.id, p('id')))
    .prepare()
  const count = db.select({ n: sql<number>`count(*)` }).from(instances).prepare()
  const beat = db
    .update(instances)
    .set({ lastHeartbeatAt: sql`${p('at')}` })
    .where(and(eq(instances.id, p('id')), eq(instances.generation, p('generation'))))
    .prepare()
  const hasTomb = hot<{ one: number }>(
    db,
    db
      .select({ one: sql`1`.as('one') })
      .from(tombstones)
      .where(eq(tombstones.id, p('id'))),
  )
  const tomb = db
    .select()
    .from(tombstones)
    .where(eq(tombstones.id, p('id')))
    .prepare()
  const putTomb = db
    .insert(tombstones)
    .values({
      id: p('id'),
      generation: p('generation'),
      incarnation: p('incarnation'),
      cause: p('cause'),
      actor: p('actor'),
      at: p('at'),
      maintenance: p('maintenance'),
      drain: p('drain'),
    })
    .onConflictDoUpdate({
      target: tombstones.id,
      set: {
        generation: sql`excluded.generation`,
        incarnation: sql`excluded.incarnation`,
        cause: sql`excluded.cause`,
        actor: sql`excluded.actor`,
        at: sql`excluded.at`,
        maintenance: sql`excluded.maintenance`,
        drain: sql`excluded.drain`,
      },
    })
    .prepare()
  const removeTomb = db
    .delete(tombstones)
    .where(eq(tombstones.id, p('id')))
    .prepare()
  const service = hot<{ record: string }>(
    db,
    db
      .select({ record: sql`${services.record}`.as('record') })
      .from(services)
      .where(eq(services.name, p('name'))),
  )
  const allServices = db.select().from(services).prepare()
  const putService = db
    .insert(services)
    .values({ name: p('name'), revision: p('revision'), record: p('record') })
    .onConflictDoUpdate({
      target: services.name,
      set: { revision: sql`excluded.revision`, record: sql`excluded.record` },
    })
    .prepare()
  const removeService = db
    .delete(services)
    .where(eq(services.name, p('name')))
    .prepare()

  const whole = (row: { record: Instance; lastHeartbeatAt: number | null }): Instance => ({
    ...row.record,
    lastHeartbeatAt: row.lastHeartbeatAt,
  })

  return {
    async instance(id) {
      const row = one.get({ id })
      return row ? whole({ ...row, record: JSON.parse(row.record) as Instance }) : null
    },
    async instances() {
      return all.all().map(whole)
    },
    async instancesOf(name) {
      return ofService.all({ service: name }).map(whole)
    },
    async putInstance(i) {
      put.run({
        id: i.id,
        service: i.service,
        generation: i.generation,
        revision: i.revision,
        lastHeartbeatAt: i.lastHeartbeatAt,
        record: jsonText(i),
      })
    },
    async replaceInstance(i, revision) {
      return replace.run({ id: i.id, next: i.revision, record: jsonText(i), revision }).changes === 1
    },
    async deleteInstance(id) {
      remove.run({ id })
    },
    async countInstances() {
      return count.get()?.n ?? 0
    },
    async setHeartbeat(id, generation, at) {
      beat.run({ id, generation, at })
    },
    async tombstone(id) {
      return hasTomb.get({ id }) ? (tomb.get({ id }) ?? null) : null
    },
    async putTombstone(row) {
      putTomb.run({ ...row })
    },
    async deleteTombstone(id) {
      removeTomb.run({ id })
    },
    async service(name) {
      const row = service.get({ name })
      return row ? (JSON.parse(row.record) as Service) : null
    },
    async services() {
      return allServices.all().map((row) => row.record)
    },
    async putService(s) {
      putService.run({ name: s.name, revision: s.revision, record: s })
    },
    async deleteService(name) {
      removeService.run({ name })
    },
  }
}
