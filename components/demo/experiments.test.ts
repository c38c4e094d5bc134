import { describe, expect, it } from 'vitest'
import type { Instance } from '@/core/instance'
import type { InstanceStatus } from '@/server/demo'
import { ROSTER } from '../../demo/roster.ts'
import { advance, EXPERIMENTS, type Experiment, isDone, type Progress, type Seen } from './experiments'

const kill = EXPERIMENTS.find((e) => e.id === 'kill') as Experiment

function seen(now: number, state: InstanceStatus['state'], health: Instance['health'], failed = 0): Seen {
  const status = { id: 'payments-1', state, mode: 'normal' } as InstanceStatus
  const point = { at: now, wanted: 20, answered: 20, failed, p50Ms: 10, p99Ms: 50 }
  return {
    now,
    process: () => status,
    registry: () => ({ health, reason: '', heartbeat: 'live', generation: 1 }),
    edge: () => undefined,
    load: [point, point, point],
  }
}

describe('experiments', () => {
  it('are each about an instance of the fleet, and each id is there once', () => {
    for (const { instance } of EXPERIMENTS) expect(ROSTER.map((p) => p.id)).toContain(instance)
    expect(new Set(EXPERIMENTS.map((e) => e.id)).size).toBe(EXPERIMENTS.length)
  })

  it('offer their end at a step that is not the last', () => {
    for (const { undo, steps } of EXPERIMENTS) if (undo) expect(undo.after).toBeLessThan(steps.length)
  })
})

describe('the progress of an experiment', () => {
  const begun: Progress = { startedAt: 1_000, metAt: [] }

  it('does not take what was there before for an effect', () => {
    expect(advance(kill, begun, seen(1_100, 'down', 'healthy'))).toBe(begun)
  })

  it('meets its steps in order, each at its time', () => {
    let progress = advance(kill, begun, seen(1_400, 'down', 'healthy'))
    expect(progress.metAt).toEqual([1_400])
    // healthy is the last step too, and is not met out of turn
    expect(advance(kill, progress, seen(1_500, 'down', 'healthy'))).toBe(progress)
    progress = advance(kill, progress, seen(4_000, 'down', 'unhealthy', 1))
    expect(progress.metAt).toEqual([1_400, 4_000])
    progress = advance(kill, progress, seen(6_000, 'down', 'unhealthy'))
    expect(progress.metAt).toEqual([1_400, 4_000, 6_000])
    progress = advance(kill, progress, seen(9_500, 'running', 'unhealthy'))
    expect(isDone(kill, progress)).toBe(false)
    progress = advance(kill, progress, seen(10_000, 'running', 'healthy'))
    expect(isDone(kill, progress)).toBe(true)
    expect(advance(kill, progress, seen(11_000, 'running', 'healthy'))).toBe(progress)
  })

  it('meets several steps at once when they can be seen at once', () => {
    const at = advance(kill, { startedAt: 0, metAt: [500] }, seen(3_000, 'running', 'unhealthy'))
    expect(at.metAt).toEqual([500, 3_000, 3_000, 3_000])
  })
})
