import { expect, test } from 'vitest'
import type { RequestEntry } from '@/core/gateway/view'
import { type Buffer, EMPTY, reduce, SHOWN_MAX } from './buffer'

const entry = (at: number): RequestEntry => ({ id: `r${at}`, at }) as RequestEntry
const ats = (entries: readonly RequestEntry[]) => entries.map(({ at }) => at)
const came = (buffer: Buffer, at: number[], held = false, missed = 0) =>
  reduce(buffer, { type: 'came', entries: at.map(entry), missed, held })

test('the newest first, each once, whichever way it came', () => {
  const live = came(came(EMPTY, [3, 1]), [2])
  expect(ats(live.shown)).toEqual([3, 2, 1])
  const kept = reduce(live, { type: 'kept', entries: [entry(3), entry(0)], held: false })
  expect(ats(kept.shown)).toEqual([3, 2, 1, 0])
  expect(reduce(kept, { type: 'kept', entries: [entry(2)], held: false }).shown).toBe(kept.shown)
})

test('what comes while it is held waits, is counted, and is shown when asked for', () => {
  const held = came(came(EMPTY, [1]), [2, 3], true)
  expect(ats(held.shown)).toEqual([1])
  expect(held.fresh).toBe(2)
  expect(came(held, [3], true)).toMatchObject({ fresh: 2 })
  const shown = reduce(held, { type: 'show' })
  expect(ats(shown.shown)).toEqual([3, 2, 1])
  expect(shown).toMatchObject({ waiting: [], fresh: 0 })
  expect(reduce(shown, { type: 'show' })).toBe(shown)
})

test('a page that opens with the pointer on the list still shows what there is', () => {
  expect(ats(reduce(EMPTY, { type: 'kept', entries: [entry(1)], held: true }).shown)).toEqual([1])
})

test('both are bounded; what had to make room is counted all the same', () => {
  const many = Array.from({ length: SHOWN_MAX + 50 }, (_, i) => i + 1)
  const held = came(came(EMPTY, [0]), many, true, 7)
  expect(held.waiting).toHaveLength(SHOWN_MAX)
  expect(held).toMatchObject({ fresh: SHOWN_MAX + 50, missed: 7 })
  const { shown } = reduce(held, { type: 'show' })
  expect(shown).toHaveLength(SHOWN_MAX)
  expect(shown[0]?.at).toBe(SHOWN_MAX + 50)
})
