import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../core/clock.ts'
import { addressKey, RateLimit } from './rate-limit.ts'

describe('RateLimit', () => {
  it('lets a burst through, then one call a period, and says when', () => {
    const clock = new FakeClock()
    const limit = new RateLimit({ clock, burst: 3, everyMs: 10_000 })
    for (let i = 0; i < 3; i++) expect(limit.take('a').ok).toBe(true)
    expect(limit.take('a')).toEqual({ ok: false, retryAfterMs: 10_000 })
    clock.advance(4_000)
    expect(limit.take('a')).toEqual({ ok: false, retryAfterMs: 6_000 })
    clock.advance(6_000)
    expect(limit.take('a').ok).toBe(true)
    expect(limit.take('a').ok).toBe(false)
  })

  it('keeps keys apart and forgives on reset', () => {
    const limit = new RateLimit({ clock: new FakeClock(), burst: 1, everyMs: 1_000 })
    limit.take('a')
    expect(limit.take('a').ok).toBe(false)
    expect(limit.take('b').ok).toBe(true)
    limit.reset('a')
    expect(limit.take('a').ok).toBe(true)
  })

  it('is not impressed by a wall clock set forward', () => {
    const clock = new FakeClock()
    const limit = new RateLimit({ clock, burst: 1, everyMs: 1_000 })
    limit.take('a')
    clock.jumpWall(3_600_000)
    expect(limit.take('a').ok).toBe(false)
  })

  it('remembers a bounded number of keys, and keeps those in use', () => {
    const limit = new RateLimit({ clock: new FakeClock(), burst: 1, everyMs: 1_000, keysMax: 100 })
    limit.take('attacked')
    for (let i = 0; i < 10_000; i++) {
      limit.take(`key ${i}`)
      if (i % 50 === 0) expect(limit.take('attacked').ok).toBe(false)
    }
    expect(limit.size).toBe(100)
  })

  it('never allows more than the burst and one a period', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 200 }),
        (burst, everyMs, pauses) => {
          const clock = new FakeClock()
          const limit = new RateLimit({ clock, burst, everyMs })
          let allowed = 0
          for (const pause of pauses) {
            clock.advance(pause)
            if (limit.take('a').ok) allowed += 1
          }
          expect(allowed).toBeLessThanOrEqual(burst + clock.monotonic() / everyMs + 1e-6)
        },
      ),
    )
  })
})

describe('addressKey', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('%s is %s', (address, key) => expect(addressKey(address)).toBe(key))
})
