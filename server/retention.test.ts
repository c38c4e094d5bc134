import { expect, test } from 'vitest'
import { FakeClock } from '../core/clock.ts'
import { testStore } from '../db/test-store.ts'
import { KEPT_MS, prune } from './retention.ts'
import { ROLLUPS } from './telemetry.ts'

const ORIGIN = { actor: 'system', operationId: null }
const DAY_MS = 86_400_000

test('the journal keeps at most so many entries, and the state at its edge stays complete', async () => {
  const clock = new FakeClock()
  await using t = await testStore(clock)
  await t.store.transact(ORIGIN, async (tx) => {
    for (let i = 0; i < 1_500; i++) {
      const key = `instance/i-${i % 7}`
      await tx.emit({ kind: 'test.made', key, service: 's', summary: 'made', value: { i } })
    }
  })
  const options = { store: t.store, clock, journal: { retentionDays: 30, eventsMax: 1_000 } }
  expect(await prune(options)).toBe(500)
  const { events, oldest } = await t.store.journal.after(0, 2_000)
  expect([events.length, oldest]).toEqual([1_000, 501])
  const at = await t.store.read((tx) => tx.q.journal.at(500, ['instance/']))
  expect(at.map((row) => (row.value as { i: number }).i).sort((a, b) => a - b)).toEqual([
    493, 494, 495, 496, 497, 498, 499,
  ])
  expect(await prune(options)).toBe(0)
})

test('what an operator wants of an instance that is away is kept until it is over', async () => {
  const clock = new FakeClock()
  await using t = await testStore(clock)
  const at = clock.wall()
  const intent = (until: number | null) => ({ reason: 'r', by: 'user:ada', since: at, until })
  const wishes = { none: null, open: intent(null), soon: intent(at + 3_600_000), later: intent(at + 10 * DAY_MS) }
  await t.store.transact(ORIGIN, async (tx) => {
    for (const [id, maintenance] of Object.entries(wishes)) {
      const rest = { generation: 1, incarnation: 'x', cause: 'service', actor: 'a', at, drain: null } as const
      await tx.q.registry.putTombstone({ id, ...rest, maintenance: maintenance as never })
    }
  })
  const options = { store: t.store, clock, journal: { retentionDays: 30, eventsMax: 1_000 } }
  const left = () =>
    t.store.read(async (tx) => {
      const found = []
      for (const id of Object.keys(wishes)) if (await tx.q.registry.tombstone(id)) found.push(id)
      return found
    })
  clock.advance(KEPT_MS.tombstones + 2 * 3_600_000)
  await prune(options)
  expect(await left()).toEqual(['open', 'later'])
  clock.advance(11 * DAY_MS)
  await prune(options)
  expect(await left()).toEqual(['open'])
  clock.advance(91 * DAY_MS)
  await prune(options)
  expect(await left()).toEqual([])
})

test('what is older than its keep goes, what is younger stays', async () => {
  const clock = new FakeClock()
  await using t = await testStore(clock)
  const fill = () =>
    t.store.transact(ORIGIN, async (tx) => {
      const at = tx.now
      await tx.emit({ kind: 'test.made', key: `instance/${at}`, service: null, summary: 'made', value: {} })
      await tx.audit({ action: 'test', target: 't', reason: null, before: null, after: null })
      await tx.q.operations.put({ principal: 'p', id: `operation-${at}`, procedure: 'x', hash: 'h', result: {}, at })
      await tx.q.registry.putTombstone({
        ...{ id: `i-${at}`, generation: 1, incarnation: 'x', cause: 'service', actor: 'a', at },
        ...{ maintenance: null, drain: null },
      })
      const run = { status: 'passing', fromAt: at, toAt: at, count: 1, durationMinMs: 1, durationMaxMs: 1 } as const
      await tx.q.checks.addRun('i', { ...run, output: '' })
      for (const { stepMs } of ROLLUPS) {
        const edge = { caller: 'a', callee: 'b', protocol: 'http', count: 1, errors: 0, sketch: null }
        await tx.q.telemetry.putRollup({ stepMs, at: at - (at % stepMs), ...edge })
      }
    })
  const left = () =>
    t.store.read(async (tx) => ({
      journal: (await tx.q.journal.list({ limit: 100 })).length,
      audit: (await tx.q.audit.list({ limit: 100 })).length,
      checks: (await tx.q.checks.runs('i', null, 100)).length,
      rollups: (
        await Promise.all(
          ROLLUPS.map(({ stepMs }) =>
            tx.q.telemetry.rollups({ stepMs, from: 0, to: clock.wall() + DAY_MS, limit: 100 }),
          ),
        )
      ).map((rows) => rows.length),
    }))
  await fill()
  clock.advance(KEPT_MS.audit + DAY_MS)
  await fill()
  const options = { store: t.store, clock, journal: { retentionDays: 30, eventsMax: 1_000_000 } }
  expect(await prune(options)).toBe(5 + ROLLUPS.length)
  expect(await left()).toEqual({ journal: 1, audit: 1, checks: 1, rollups: [1, 1, 1] })
})
