import { expect, test } from 'vitest'
import { type Entry, fresh, type JournalFilter, matches, onTop } from './entries'

const NO_FILTER: JournalFilter = { q: '', kinds: [], service: '', actor: '', key: '', before: null }

function entry(seq: number, more: Partial<Entry> = {}): Entry {
  return {
    seq,
    at: seq * 1_000,
    kind: 'instance.health',
    key: `instance/orders-${seq}`,
    service: 'orders',
    actor: 'system',
    summary: `orders-${seq} is healthy`,
    operationId: null,
    ...more,
  }
}

test('every field of the filter counts', () => {
  expect(matches(entry(1), NO_FILTER)).toBe(true)
  expect(matches(entry(1), { ...NO_FILTER, q: 'HEALTHY' })).toBe(true)
  expect(matches(entry(1), { ...NO_FILTER, q: 'down' })).toBe(false)
  expect(matches(entry(1), { ...NO_FILTER, kinds: ['instance.registered'] })).toBe(false)
  expect(matches(entry(1), { ...NO_FILTER, service: 'billing' })).toBe(false)
  expect(matches(entry(1), { ...NO_FILTER, actor: 'user:ada' })).toBe(false)
  expect(matches(entry(1), { ...NO_FILTER, key: 'instance/orders-1', service: 'orders' })).toBe(true)
})

test('what came since is new; what the stream no longer holds is a gap', () => {
  const stream = [entry(9), entry(8, { service: 'billing' }), entry(7)]
  expect(fresh(stream, 9, NO_FILTER)).toEqual({ entries: [], gap: false, upTo: 9 })
  expect(fresh(stream, 7, { ...NO_FILTER, service: 'orders' })).toEqual({ entries: [entry(9)], gap: false, upTo: 9 })
  expect(fresh(stream, 6, NO_FILTER)).toMatchObject({ gap: false, upTo: 9 })
  expect(fresh(stream, 4, NO_FILTER)).toMatchObject({ gap: true })
})

test('new entries go on top, each once', () => {
  const page = { events: [entry(2), entry(1)], next: null, upTo: 2 }
  expect(onTop(page, [entry(3), entry(2)], 3).events.map((e) => e.seq)).toEqual([3, 2, 1])
})
