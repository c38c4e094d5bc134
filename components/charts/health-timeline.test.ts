import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HEALTH_STATES } from '@/core/instance'
import { boxOf, type Known, type Transition, timeline, timelines } from './health-timeline'

const change = (seq: number, at: number, given: Partial<Transition> = {}): Transition => ({
  seq,
  at,
  kind: 'instance.health',
  actor: 'system',
  summary: '',
  instanceId: 'a',
  health: 'healthy',
  reason: 'heartbeats on time',
  ...given,
})
const known = (given: Partial<Known> = {}): Known => ({
  id: 'a',
  health: 'healthy',
  reason: 'heartbeats on time',
  healthSince: 50,
  registeredAt: 0,
  ...given,
})
const shape = (id: string, list: Transition[], now: Known | null, from = 0, to = 100) =>
  timeline(id, list, now, from, to).segments.map((s) => [s.state, s.fromMs, s.toMs, s.open])

test('before the first entry nothing is known; before a registration there was nothing', () => {
  expect(shape('a', [change(5, 40)], known())).toEqual([
    ['unseen', 0, 40, false],
    ['healthy', 40, 100, true],
  ])
  expect(shape('a', [change(5, 40, { kind: 'instance.registered' })], known({ registeredAt: 40 }))).toEqual([
    ['gone', 0, 40, false],
    ['healthy', 40, 100, true],
  ])
})

test('entries in any order make one line; the same state for the same reason is one segment', () => {
  const list = [
    change(9, 60, { health: null, summary: 'a deregistered' }),
    change(3, 10),
    change(4, 20),
    change(6, 30, { health: 'unhealthy', reason: 'its check fails' }),
    change(7, 40, { health: 'unhealthy', reason: 'no heartbeat for 15 s' }),
  ]
  expect(shape('a', list, null)).toEqual([
    ['unseen', 0, 10, false],
    ['healthy', 10, 30, false],
    ['unhealthy', 30, 40, false],
    ['unhealthy', 40, 60, false],
    ['gone', 60, 100, true],
  ])
})

test('without any entry at hand, what is known now reaches back to when it began', () => {
  expect(shape('a', [], known({ healthSince: -500 }))).toEqual([['healthy', -500, 100, true]])
  expect(shape('a', [], known({ healthSince: 70 }))).toEqual([
    ['unseen', 0, 70, false],
    ['healthy', 70, 100, true],
  ])
  expect(shape('a', [], null)).toEqual([['unseen', 0, 100, false]])
})

test('what ended before the window is not shown; a clock that ran backwards makes no negative segment', () => {
  const list = [change(1, -90), change(2, -50, { health: 'warning' }), change(3, -60, { health: 'unhealthy' })]
  expect(shape('a', list, known())).toEqual([['unhealthy', -60, 100, true]])
})

test('only what people decided is marked', () => {
  const list = [
    change(1, 10, { actor: 'user:ada@example.org', kind: 'instance.registered' }),
    change(2, 20, { actor: 'user:ada@example.org' }),
    change(3, -20, { actor: 'user:ada@example.org' }),
  ]
  expect(timeline('a', list, known(), 0, 100).marks.map((m) => m.seq)).toEqual([2])
})

test('who left within the window is still shown, a bounded number of them', () => {
  const gone = Array.from({ length: 5 }, (_, i) => change(i + 10, i + 10, { instanceId: `g${i}`, health: null }))
  const old = change(1, -10, { instanceId: 'old', health: null })
  const { rows, goneLeftOut } = timelines([...gone, old, change(2, 5)], [known()], [known()], 0, 100, 3)
  expect(rows.map((row) => row.instanceId)).toEqual(['a', 'g4', 'g3', 'g2'])
  expect(goneLeftOut).toBe(2)
})

test('whatever the entries, segments cover the window without gaps or overlaps', () => {
  const entry = fc.record({
    step: fc.nat(40),
    health: fc.constantFrom(...HEALTH_STATES, null),
    reason: fc.constantFrom('x', 'y'),
  })
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 12 }), (entries) => {
      let at = -60
      const list: Transition[] = []
      for (const { step, ...given } of entries) {
        at += step
        if (at < 100) list.push(change(list.length + 1, at, given))
      }
      const { segments } = timeline('a', list, known(), 0, 100)
      expect(segments[0]?.fromMs).toBeLessThanOrEqual(0)
      expect(segments.at(-1)?.toMs).toBe(100)
      for (let i = 1; i < segments.length; i++) {
        const [one, next] = [segments[i - 1], segments[i]]
        expect(next?.fromMs).toBe(one?.toMs)
      }
    }),
  )
})

test('a short outage is still wide enough to be seen, and stays inside', () => {
  expect(boxOf({ fromMs: 25, toMs: 50 }, 0, 100, 1)).toEqual({ left: 25, width: 25 })
  expect(boxOf({ fromMs: 100, toMs: 100 }, 0, 100, 2)).toEqual({ left: 98, width: 2 })
  expect(boxOf({ fromMs: -100, toMs: 500 }, 0, 100, 1)).toEqual({ left: 0, width: 100 })
})
