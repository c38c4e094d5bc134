/** The history of a run is written by one hand: a decision made of an older state is refused. */
import { expect, test } from 'vitest'
import type { HistoryEvent } from '../core/saga/event.ts'
import { testStore } from './test-store.ts'

const ORIGIN = { actor: 'test', operationId: null }
const entry = (seq: number): HistoryEvent => ({ type: 'run.admitted', seq, at: 1 })

test('a decision is written only upon the entry that it was made of', async () => {
  await using t = await testStore()
  const add = (before: number, ...events: HistoryEvent[]) =>
    t.store.transact(ORIGIN, (tx) => tx.q.sagas.addEvents('r', before, events.at(-1)?.seq ?? 0, events))
  expect(await add(0, entry(1), entry(2))).toBe(true)
  // Of the same state: as long as the first, shorter, longer.
  expect(await add(0, entry(1), entry(2))).toBe(false)
  expect(await add(0, entry(1))).toBe(false)
  expect(await add(0, entry(1), entry(2), entry(3))).toBe(false)
  expect(await add(2, entry(3))).toBe(true)
  expect(await add(2, entry(3), entry(4), entry(5))).toBe(false)
  const { events, last } = await t.store.read(async (tx) => ({
    events: await tx.q.sagas.events('r', 0, 10),
    last: await tx.q.sagas.lastSeq('r'),
  }))
  expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(last).toBe(3)
})
