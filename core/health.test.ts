import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  advanceCheck,
  type Evidence,
  heartbeatAge,
  isFlapping,
  isMassExpiry,
  isRoutable,
  judge,
  type Streak,
  selectRoutable,
} from './health.ts'
import type { CheckStatus, Instance } from './instance.ts'

const intent = { reason: 'upgrade', by: 'user:ada', since: 0, until: null }
const evidence = (e: Partial<Evidence>): Evidence => ({
  heartbeat: 'live',
  reported: { status: 'ok', note: '' },
  checkState: null,
  checkOutput: '',
  maintenance: null,
  serviceMaintenance: null,
  drain: null,
  ttlMs: 15_000,
  ...e,
})

describe('judge', () => {
  const cases: [string, Partial<Evidence>, string][] = [
    ['heartbeats on time', {}, 'healthy'],
    ['late heartbeat', { heartbeat: 'late' }, 'warning'],
    ['no heartbeat for a TTL', { heartbeat: 'expired' }, 'unhealthy'],
    ['held expiry is doubt, not death', { heartbeat: 'held' }, 'unknown'],
    ['a failing check tells more than a held expiry', { heartbeat: 'held', checkState: 'failing' }, 'unhealthy'],
    ['failing check beats live heartbeats', { checkState: 'failing' }, 'unhealthy'],
    ['the prober cut off is no evidence against a live one', { checkState: 'unknown' }, 'healthy'],
    ['the prober cut off and nothing else', { heartbeat: 'none', checkState: 'unknown' }, 'unknown'],
    ['not checked yet', { heartbeat: 'none', checkState: 'pending' }, 'unknown'],
    ['no evidence at all', { heartbeat: 'none' }, 'unknown'],
    ['a service that says it is leaving', { reported: { status: 'draining', note: '' } }, 'draining'],
    ['it said so, then fell silent', { reported: { status: 'draining', note: '' }, heartbeat: 'expired' }, 'unhealthy'],
    ['maintenance covers everything', { maintenance: intent, heartbeat: 'expired' }, 'maintenance'],
    ['maintenance of the service too', { serviceMaintenance: intent }, 'maintenance'],
    ['drain by an operator', { drain: intent }, 'draining'],
  ]
  test.each(cases)('%s', (_, e, health) => {
    expect(judge(evidence(e)).health).toBe(health)
  })

  test('the reason of maintenance names who and why', () => {
    expect(judge(evidence({ maintenance: intent })).reason).toContain('user:ada: upgrade')
  })
})

describe('advanceCheck', () => {
  const status = fc.constantFrom<CheckStatus>('passing', 'warning', 'failing', 'unknown')

  test('H1: a verdict flips only after the threshold of consecutive results', () => {
    fc.assert(
      fc.property(
        fc.array(status, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (results, successThreshold, failureThreshold) => {
          let state: CheckStatus | 'pending' = 'pending'
          let streak: Streak | null = null
          const seen: CheckStatus[] = []
          for (const result of results) {
            const before: CheckStatus | 'pending' = state
            ;({ state, streak } = advanceCheck({ successThreshold, failureThreshold }, state, streak, result))
            if (result !== 'unknown') seen.push(result)
            const flipped =
              before !== 'unknown' && state !== 'unknown' && (before === 'failing') !== (state === 'failing')
            if (!flipped) continue
            const needed = state === 'failing' ? failureThreshold : successThreshold
            const last = seen.slice(-needed)
            expect(last).toHaveLength(needed)
            expect(last.every((s) => (s === 'failing') === (state === 'failing'))).toBe(true)
          }
        },
      ),
    )
  })

  test('H2: a prober that cannot look shows unknown and never counts as a failure', () => {
    const spec = { successThreshold: 2, failureThreshold: 3 }
    let now = advanceCheck(spec, 'passing', { status: 'passing', count: 9 }, 'unknown')
    expect(now.state).toBe('unknown')
    now = advanceCheck(spec, now.state, now.streak, 'passing')
    expect(now.state).toBe('passing')
  })
})

test('seed: discover(name) returns exactly the routable instances, or everything flagged when there are none', () => {
  const health = fc.constantFrom('healthy', 'warning', 'unhealthy', 'unknown', 'draining', 'maintenance')
  const instance = fc.record({
    health,
    heartbeat: fc.constantFrom('live', 'held', 'expired'),
    checkState: fc.constantFrom(null, 'unknown', 'pending'),
  })
  fc.assert(
    fc.property(fc.array(instance, { maxLength: 20 }), (list) => {
      const all = list as unknown as Instance[]
      const { instances, lastResort } = selectRoutable(all)
      const routable = all.filter(isRoutable)
      if (routable.length > 0) expect({ instances, lastResort }).toEqual({ instances: routable, lastResort: false })
      else {
        // R6: never an empty answer while anything is registered
        expect(instances.length > 0).toBe(all.length > 0)
        expect(lastResort).toBe(all.length > 0)
      }
    }),
  )
})

test('R4: one expiry is believed, more than 15% of a service at once is not', () => {
  expect(isMassExpiry(3, 1)).toBe(false)
  expect(isMassExpiry(3, 2)).toBe(true)
  expect(isMassExpiry(100, 15)).toBe(false)
  expect(isMassExpiry(100, 16)).toBe(true)
  expect(isMassExpiry(1, 1)).toBe(false)
})

test('a heartbeat is live, then late from two thirds of the TTL, then expired', () => {
  expect([0, 9_999, 10_000, 14_999, 15_000].map((age) => heartbeatAge(15_000, age))).toEqual([
    'live',
    'live',
    'late',
    'late',
    'expired',
  ])
  expect(heartbeatAge(0, 1e9)).toBe('none')
})

test('flapping begins at six changes in five minutes and ends below two', () => {
  const changes = [0, 10_000, 20_000, 30_000, 40_000, 50_000]
  expect(isFlapping(false, changes, 60_000)).toBe(true)
  expect(isFlapping(false, changes.slice(1), 60_000)).toBe(false)
  expect(isFlapping(true, changes, 300_000 + 39_999)).toBe(true)
  expect(isFlapping(true, changes, 300_000 + 40_000)).toBe(false)
})
