import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../core/clock.ts'
import { Loops, type Scheduler } from './loops.ts'
import { Metrics, watchLoops } from './metrics.ts'
import { DueHeap } from './probes/heap.ts'

/** Timers on a clock that is moved by hand; `lateMs` is how late they go off. */
class FakeTimers implements Scheduler {
  readonly #heap = new DueHeap<{ dueAt: number; run: () => void; off: boolean }>()
  lateMs = 0
  constructor(readonly clock: FakeClock) {}

  set(run: () => void, ms: number): unknown {
    const timer = { dueAt: this.clock.monotonic() + ms, run, off: false }
    this.#heap.push(timer)
    return timer
  }

  clear(handle: unknown): void {
    if (handle) (handle as { off: boolean }).off = true
  }

  async pass(ms: number): Promise<void> {
    const until = this.clock.monotonic() + ms
    for (let next = this.#heap.peek(); next && next.dueAt + this.lateMs <= until; next = this.#heap.peek()) {
      this.#heap.pop()
      this.clock.advance(Math.max(0, next.dueAt + this.lateMs - this.clock.monotonic()))
      if (!next.off) next.run()
      await settled()
    }
    this.clock.advance(until - this.clock.monotonic())
    await settled()
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

function setUp() {
  const clock = new FakeClock()
  const timers = new FakeTimers(clock)
  const logged: { loop: string; msg: string }[] = []
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line) as { loop: string; msg: string }) })
  return { clock, timers, logged, loops: new Loops({ clock, log, scheduler: timers }) }
}

const stat = (loops: Loops, name: string) => loops.stats().find((s) => s.name === name) ?? expect.fail(name)

describe('a loop', () => {
  it('runs every period, at once if asked', async () => {
    const { timers, loops } = setUp()
    let later = 0
    let once = 0
    loops.every('later', 100, () => void later++)
    loops.every('at once', 100, () => void once++, { immediately: true })
    await timers.pass(0)
    expect([later, once]).toEqual([0, 1])
    await timers.pass(1_000)
    expect([later, once]).toEqual([10, 11])
  })

  it('never overlaps itself, and leaves out what it missed', async () => {
    const { timers, loops } = setUp()
    const ends: (() => void)[] = []
    loops.every('slow', 100, () => new Promise<void>((resolve) => ends.push(resolve)))
    await timers.pass(450)
    expect(ends).toHaveLength(1)
    expect(stat(loops, 'slow')).toMatchObject({ running: true, runs: 0 })
    ends[0]?.()
    await settled()
    expect(stat(loops, 'slow')).toMatchObject({ running: false, runs: 1, skipped: 3, durationMs: 350 })
    await timers.pass(50)
    expect(ends).toHaveLength(2)
  })

  it('goes on after an error, thrown or rejected', async () => {
    const { timers, loops, logged } = setUp()
    let runs = 0
    loops.every('failing', 100, () => {
      runs += 1
      if (runs === 1) throw new Error('thrown')
      return Promise.reject(new Error('rejected'))
    })
    await timers.pass(300)
    expect(runs).toBe(3)
    expect(stat(loops, 'failing')).toMatchObject({ errors: 3, runs: 3 })
    expect(logged.map((line) => line.loop)).toEqual(['failing', 'failing', 'failing'])
  })

  it('does not drift: being late once does not move the next', async () => {
    const { timers, loops, clock } = setUp()
    const at: number[] = []
    loops.every('grid', 100, () => void at.push(clock.monotonic()))
    timers.lateMs = 30
    await timers.pass(530)
    expect(at).toEqual([130, 230, 330, 430, 530])
    expect(stat(loops, 'grid')).toMatchObject({ driftMs: 30, driftMaxMs: 30 })
  })

  it('does not care for a jump of the wall clock', async () => {
    const { timers, loops, clock } = setUp()
    let runs = 0
    loops.every('steady', 100, () => void runs++)
    clock.jumpWall(-3_600_000)
    await timers.pass(500)
    clock.jumpWall(7_200_000)
    await timers.pass(500)
    expect(runs).toBe(10)
  })

  it('can be stopped alone, even from within', async () => {
    const { timers, loops } = setUp()
    let runs = 0
    const stop = loops.every('few', 100, () => {
      runs += 1
      if (runs === 2) stop()
    })
    await timers.pass(1_000)
    expect(runs).toBe(2)
    expect(loops.stats()).toEqual([])
  })

  it('has a name of its own and a period', () => {
    const { loops } = setUp()
    loops.every('a', 1, () => {})
    expect(() => loops.every('a', 1, () => {})).toThrow('already')
    expect(() => loops.every('b', 0, () => {})).toThrow('period')
  })
})

describe('stopping', () => {
  it('waits for what is going on and starts nothing more', async () => {
    const { timers, loops } = setUp()
    let end: () => void = () => {}
    let runs = 0
    loops.every('slow', 100, () => {
      runs += 1
      return new Promise<void>((resolve) => {
        end = resolve
      })
    })
    let other = 0
    loops.every('other', 100, () => void other++)
    await timers.pass(150)
    let stopped = false
    const stopping = loops.stop().then(() => {
      stopped = true
    })
    await timers.pass(1_000)
    expect([runs, other, stopped]).toEqual([1, 1, false])
    end()
    await stopping
    await timers.pass(1_000)
    expect([runs, other]).toEqual([1, 1])
    loops.every('too late', 100, () => void other++)
    await timers.pass(1_000)
    expect(other).toBe(1)
  })
})

describe('what is shown', () => {
  it('are the loops, under their names', async () => {
    const { timers, loops } = setUp()
    const metrics = new Metrics({ processMetrics: false })
    watchLoops(metrics, loops)
    loops.every('sweep', 100, () => {})
    await timers.pass(250)
    const text = await metrics.render()
    expect(text).toContain('holdfast_loop_runs_total{loop="sweep"} 2')
    expect(text).toContain('holdfast_loop_errors_total{loop="sweep"} 0')
    // Read twice, a count is not added up twice.
    expect(await metrics.render()).toContain('holdfast_loop_runs_total{loop="sweep"} 2')
  })

  it('is one instance apart from another', async () => {
    const [a, b] = [new Metrics({ processMetrics: false }), new Metrics({ processMetrics: false })]
    a.counter({ name: 'holdfast_things_total', help: 'Things.', labels: ['kind'] }).inc({ kind: 'x' }, 2)
    b.gauge({ name: 'holdfast_things_total', help: 'Other things.' }, () => 5)
    expect(await a.render()).toContain('holdfast_things_total{kind="x"} 2')
    expect(await b.render()).toContain('holdfast_things_total 5')
  })

  it('is the process too', async () => {
    expect(await new Metrics().render()).toContain('process_resident_memory_bytes')
  })
})
