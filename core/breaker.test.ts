import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BreakerState, CLOSED, judgeFigures, openTime, placeProbe, settleProbe, timePassed } from './breaker.ts'
import { assertBreakerConfig, BREAKER_DEFAULTS, type BreakerConfig, mergeBreakerConfig } from './breaker-config.ts'
import { BreakerMachine } from './breaker-machine.ts'
import { FAILED, SLOW } from './breaker-window.ts'
import { ValidationError } from './errors.ts'
import { type Random, seededRandom } from './random.ts'

const middle: Random = () => 0.5
const config = (change: Partial<BreakerConfig> = {}): BreakerConfig => ({
  ...BREAKER_DEFAULTS,
  openJitter: 0,
  hungCallMs: null,
  ...change,
})

describe('settings', () => {
  const refused: [string, Partial<BreakerConfig>, RegExp][] = [
    ['nothing can open it', { failureRateThreshold: null }, /nothing could ever open it/],
    ['slow without a limit', { slowRateThreshold: 0.5 }, /needs slowCallMs/],
    ['minimum above the window', { windowType: 'count', windowCalls: 5, minimumCalls: 10 }, /could never open/],
    ['open time above its cap', { openMs: 90_000 }, /exceeds openMaxMs/],
    ['a rate above 1', { failureRateThreshold: 1.5 }, /from|above 0 to 1/],
    ['not a number', { openMs: Number.NaN }, /whole number/],
  ]
  it.each(refused)('contradicting each other are refused: %s', (_, change, message) => {
    expect(() => assertBreakerConfig(config(change))).toThrow(ValidationError)
    expect(() => assertBreakerConfig(config(change))).toThrow(message)
  })
  it('say where each value comes from', () => {
    const { config: merged, sources } = mergeBreakerConfig({ openMs: 1_000 }, { openMs: 2_000, quorum: 1 })
    expect(merged).toMatchObject({ openMs: 2_000, quorum: 1, minimumCalls: 10 })
    expect(sources).toMatchObject({ openMs: 'control-plane', quorum: 'control-plane', minimumCalls: 'default' })
    expect(mergeBreakerConfig({ openMs: 1_000 }, {}).sources.openMs).toBe('client')
  })
})

describe('State(t) of the specification', () => {
  it('closed while f < T; open while f ≥ T and t − t_last < τ; half-open from t − t_last ≥ τ on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 20_000 }),
        (outcomes, minimumCalls, threshold, later) => {
          const c = config({ minimumCalls, failureRateThreshold: threshold, windowType: 'count', windowCalls: 100 })
          const machine = new BreakerMachine(c, 0, middle)
          let failures = 0
          let tripped = false
          for (const [i, failed] of outcomes.entries()) {
            if (tripped) break
            if (failed) failures += 1
            machine.ended(machine.epoch, machine.began(), failed ? FAILED : 0, 0)
            const calls = i + 1
            const over = calls >= minimumCalls && failures / calls >= threshold
            // f grows only with a failure, so the formula is judged where it can turn.
            tripped = over && (failed || failures > 0)
            expect(machine.state.is).toBe(tripped ? 'open' : 'closed')
          }
          machine.advance(later)
          expect(machine.state.is).toBe(!tripped ? 'closed' : later < c.openMs ? 'open' : 'half-open')
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('rules', () => {
  it('rates wait for a minimum of calls; counts and rows of failures do not', () => {
    const figures = { calls: 4, failures: 4, slow: 0 } as Parameters<typeof judgeFigures>[1]
    expect(judgeFigures(config(), figures)).toBeNull()
    expect(judgeFigures(config({ failureThreshold: 4 }), figures)).toMatchObject({ what: 'failures' })
    expect(judgeFigures(config({ consecutiveFailures: 3 }), figures, 3)).toMatchObject({ what: 'consecutive-failures' })
    const slow = { calls: 10, failures: 0, slow: 6 } as Parameters<typeof judgeFigures>[1]
    expect(judgeFigures(config({ slowCallMs: 100, slowRateThreshold: 0.5 }), slow)).toMatchObject({ what: 'slow-rate' })
  })

  it('open times grow up to a cap, capped before they are spread', () => {
    const c = config({ openMs: 1_000, openFactor: 2, openMaxMs: 5_000, openJitter: 0.2 })
    expect([1, 2, 3, 4, 50].map((trips) => openTime(c, trips, middle))).toEqual([1_000, 2_000, 4_000, 5_000, 5_000])
    expect(openTime(c, 50, () => 0)).toBe(4_000)
    expect(openTime(c, 50, () => 1)).toBe(6_000)
  })

  it('a straggler from before the trip decides nothing', () => {
    const machine = new BreakerMachine(config({ consecutiveFailures: 1 }), 0, middle)
    const [epoch, tick] = [machine.epoch, machine.began()]
    machine.ended(machine.epoch, machine.began(), FAILED, 0)
    machine.advance(5_000)
    expect(machine.state.is).toBe('half-open')
    expect(machine.ended(epoch, tick, 0, 5_001)).toBe(false)
    expect(machine.ended(epoch, tick, FAILED, 5_001)).toBe(false)
    expect(machine.state.is).toBe('half-open')
  })

  it('calls that hang count by their age, before they end', () => {
    const machine = new BreakerMachine(config({ consecutiveFailures: 3, hungCallMs: 1_000 }), 0, middle)
    for (let i = 0; i < 3; i++) machine.began()
    machine.advance(500)
    expect(machine.state.is).toBe('closed')
    machine.advance(2_500)
    expect(machine.state.is).toBe('open')
  })

  it('what is slow and failed counts once as each', () => {
    const machine = new BreakerMachine(config({ slowCallMs: 10 }), 0, middle)
    machine.ended(machine.epoch, machine.began(), FAILED | SLOW, 0)
    expect(machine.window).toMatchObject({ calls: 1, failures: 1, slow: 1 })
  })
})

/** The same machine again, written plainly and with lists: what the real one is compared with. */
class Model {
  state: 'closed' | 'open' | 'half-open' = 'closed'
  openedAt = 0
  trips = 0
  successes = 0
  permits = new Map<string, number>()
  calls: { at: number; failed: boolean }[] = []
  row = 0
  generation = 1

  constructor(readonly c: BreakerConfig) {}

  open(now: number): void {
    this.trips = this.state === 'closed' ? 1 : this.trips + 1
    this.state = 'open'
    this.openedAt = now
    this.generation += 1
  }

  pass(now: number): void {
    const openMs = Math.min(this.c.openMaxMs, this.c.openMs * this.c.openFactor ** (this.trips - 1))
    if (this.state === 'open' && now - this.openedAt >= Math.round(openMs)) {
      this.state = 'half-open'
      this.generation += 1
      this.successes = 0
      this.permits.clear()
      this.calls = []
      this.row = 0
    }
    for (const [id, until] of this.permits) if (now >= until) this.permits.delete(id)
  }

  end(now: number, failed: boolean): void {
    if (this.state !== 'closed') return
    this.calls.push({ at: now, failed })
    this.calls = this.calls.slice(-this.c.windowCalls)
    this.row = failed ? this.row + 1 : 0
    const failures = this.calls.filter((call) => call.failed).length
    const { minimumCalls, failureRateThreshold, consecutiveFailures } = this.c
    const rate = this.calls.length >= minimumCalls && failures / this.calls.length >= (failureRateThreshold ?? 2)
    if ((consecutiveFailures !== null && this.row >= consecutiveFailures) || (rate && failures > 0)) {
      this.open(now)
      this.row = 0
    }
  }

  place(id: string, now: number): boolean {
    if (this.state !== 'half-open' || this.permits.size >= this.c.halfOpenPermits) return false
    this.permits.set(id, now + this.c.permitMs)
    return true
  }

  settle(id: string, generation: number, failed: boolean, now: number): void {
    if (this.state !== 'half-open' || generation !== this.generation || !this.permits.delete(id)) return
    if (failed) this.open(now)
    else if (++this.successes >= this.c.successThreshold) {
      this.state = 'closed'
      this.generation += 1
      this.trips = 0
      this.calls = []
      this.row = 0
    }
  }
}

describe('B1, B2: against an independent model', () => {
  it('100,000 random traces, with calls that end late and out of order, permits that are lost, and time that leaps', () => {
    const random = seededRandom(20_261_123)
    const pick = (n: number) => Math.floor(random() * n)
    let opened = 0
    let halfOpen = 0
    for (let trace = 0; trace < 100_000; trace++) {
      const c = config({
        windowType: 'count',
        windowCalls: 4 + pick(8),
        minimumCalls: 1 + pick(4),
        failureRateThreshold: [0.3, 0.5, 1][pick(3)] as number,
        consecutiveFailures: pick(2) === 0 ? null : 1 + pick(4),
        openMs: 100,
        openMaxMs: 400,
        halfOpenPermits: 1 + pick(3),
        successThreshold: 1 + pick(3),
        permitMs: 200,
      })
      const machine = new BreakerMachine(c, 0, middle)
      const model = new Model(c)
      const flying: { epoch: number; tick: number; generation: number }[] = []
      const probes: { id: string; generation: number }[] = []
      let now = 0
      for (let step = 0; step < 24; step++) {
        const before: string = machine.state.is
        now += [0, 1, 30, 150, 1_000][pick(5)] as number
        machine.advance(now)
        model.pass(now)
        const failed = pick(2) === 0
        const what = pick(5)
        if (what === 0 && machine.state.is === 'closed') {
          flying.push({ epoch: machine.epoch, tick: machine.began(), generation: machine.state.generation })
        } else if (what <= 2 && flying.length > 0) {
          const [call] = flying.splice(pick(flying.length), 1)
          const current = call?.generation === machine.state.generation && machine.state.is === 'closed'
          if (call) machine.ended(call.epoch, call.tick, failed ? FAILED : 0, now)
          if (current) model.end(now, failed)
        } else if (what === 3) {
          const id = `${trace}-${step}`
          const lease = machine.place(id, now)
          expect(model.place(id, now)).toBe(lease !== null)
          if (lease) probes.push({ id, generation: machine.state.generation })
        } else if (probes.length > 0) {
          const [probe] = probes.splice(pick(probes.length), 1)
          if (probe && pick(4) > 0) {
            machine.settle(probe.id, probe.generation, failed ? 'failure' : 'success', now)
            model.settle(probe.id, probe.generation, failed, now)
          }
        }
        if (machine.state.is !== model.state) {
          throw new Error(`trace ${trace}, step ${step}: ${machine.state.is}, the model says ${model.state}`)
        }
        if (machine.state.is === 'half-open' && machine.state.permits.size > c.halfOpenPermits) {
          throw new Error(`trace ${trace}: ${machine.state.permits.size} permits of ${c.halfOpenPermits}`)
        }
        // From closed only to open; to closed only from half-open, time having passed or not.
        if (before === 'closed' && machine.state.is === 'half-open')
          throw new Error(`trace ${trace}: closed → half-open`)
        if (before === 'open' && machine.state.is === 'closed') throw new Error(`trace ${trace}: open → closed`)
        if (machine.state.is === 'open') opened += 1
        if (machine.state.is === 'half-open') halfOpen += 1
      }
    }
    expect(opened).toBeGreaterThan(10_000)
    expect(halfOpen).toBeGreaterThan(10_000)
  }, 60_000)

  it('B2: a permit that is lost comes back, and its late outcome decides nothing', () => {
    const c = config({ halfOpenPermits: 1, permitMs: 100 })
    let state: BreakerState = timePassed({ ...CLOSED, is: 'open', openedAt: 0, openMs: 10, trips: 1 }, c, 10, middle)
    if (state.is !== 'half-open') throw new Error('it should be half-open')
    const first = placeProbe(state, c, 10, { id: 'a', holder: 'x' })
    if (!first) throw new Error('a permit should be there')
    expect(placeProbe(first.state, c, 50, { id: 'b', holder: 'y' })).toBeNull()
    const second = placeProbe(first.state, c, 110, { id: 'b', holder: 'y' })
    expect(second?.state.permits.size).toBe(1)
    state = second?.state ?? state
    expect(settleProbe(state, c, 111, middle, { id: 'a', generation: state.generation, outcome: 'failure' })).toBeNull()
  })
})
