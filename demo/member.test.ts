import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as rules from './member.ts'
import { ACTIONS, MODES } from './messages.ts'
import { type Place, ROSTER, SERVICES } from './roster.ts'

const place = ROSTER.find((p) => p.id === 'payments-1') as Place

function running(now = 0): rules.Member {
  return rules.ready(rules.spawned(rules.enlist(place, now).member, 100), now)
}

function done(step: rules.Step | rules.Refusal): rules.Step {
  if ('refused' in step) throw new Error(step.refused)
  return step
}

describe('the roster', () => {
  it('is six services in at least ten processes, each id once', () => {
    expect(Object.keys(SERVICES)).toHaveLength(6)
    expect(ROSTER.length).toBeGreaterThanOrEqual(10)
    expect(new Set(ROSTER.map((p) => p.id)).size).toBe(ROSTER.length)
    expect(new Set(ROSTER.map((p) => p.zone)).size).toBe(2)
  })
})

describe('one process of the fleet', () => {
  it('is started, and runs when it says that it is ready', () => {
    const first = rules.enlist(place, 5)
    expect(first.intents).toEqual([{ type: 'spawn' }])
    expect(rules.statusOf(first.member)).toMatchObject({ id: 'payments-1', state: 'starting', pid: null })
    expect(rules.statusOf(running())).toMatchObject({ state: 'running', pid: 100, mode: 'normal', restarts: 0 })
  })

  it('killed, stays down for a visible while and then comes back', () => {
    const killed = done(rules.act(running(), 'kill', 1_000))
    expect(killed.intents).toEqual([{ type: 'signal', signal: 'SIGKILL' }])
    const down = rules.exited(killed.member, 'by SIGKILL', 1_010)
    expect(rules.statusOf(down.member)).toMatchObject({
      state: 'down',
      pid: null,
      detail: 'ended by SIGKILL',
      restartAt: 1_010 + rules.RESTART_AFTER_MS,
    })
    expect(rules.tick(down.member, 1_009 + rules.RESTART_AFTER_MS).intents).toEqual([])
    const back = rules.tick(down.member, 1_010 + rules.RESTART_AFTER_MS)
    expect(back.intents).toEqual([{ type: 'spawn' }])
    expect(back.member.restarts).toBe(1)
  })

  it('killed from outside, comes back all the same', () => {
    const down = rules.exited(running(), 'by SIGKILL', 0)
    expect(rules.tick(down.member, rules.RESTART_AFTER_MS).intents).toEqual([{ type: 'spawn' }])
  })

  it('down, is restarted at once when asked, and takes no mode', () => {
    const down = rules.exited(running(), 'by SIGKILL', 0).member
    expect(done(rules.act(down, 'restart', 1)).intents).toEqual([{ type: 'spawn' }])
    for (const action of ['slow', 'failing', 'hung', 'normal', 'kill'] as const) {
      expect(rules.act(down, action, 1)).toHaveProperty('refused')
    }
  })

  it('restarted, stops by itself and is started without a pause', () => {
    const stopping = done(rules.act(running(), 'restart', 0))
    expect(stopping.intents).toEqual([{ type: 'signal', signal: 'SIGTERM' }])
    const again = rules.exited(stopping.member, 'with code 0', 300)
    expect(again.intents).toEqual([{ type: 'spawn' }])
    expect(rules.statusOf(again.member).state).toBe('starting')
  })

  it('that will not stop is killed once, after its time', () => {
    const stopping = done(rules.act(running(), 'restart', 0)).member
    expect(rules.tick(stopping, rules.STOP_WITHIN_MS - 1).intents).toEqual([])
    const killed = rules.tick(stopping, rules.STOP_WITHIN_MS)
    expect(killed.intents).toEqual([{ type: 'signal', signal: 'SIGKILL' }])
    expect(rules.tick(killed.member, rules.STOP_WITHIN_MS + 1).intents).toEqual([])
    expect(rules.exited(killed.member, 'by SIGKILL', 5_000).intents).toEqual([{ type: 'spawn' }])
  })

  it('takes on a mode when its process says so, and loses it with its process', () => {
    const asked = done(rules.act(running(), 'slow', 0))
    expect(asked.intents).toEqual([{ type: 'mode', mode: 'slow' }])
    expect(rules.statusOf(asked.member).mode).toBe('normal')
    const slow = rules.changedMode(asked.member, 'slow', 3)
    expect(rules.statusOf(slow)).toMatchObject({ mode: 'slow', since: 3 })
    expect(rules.statusOf(rules.exited(slow, 'by SIGKILL', 4).member).mode).toBe('normal')
  })

  it('that dies before it is ready is tried ever less often, up to a minute, until it is ready', () => {
    let now = 0
    let step = rules.enlist(place, now)
    const pauses: number[] = []
    for (let i = 0; i < 6; i++) {
      step = rules.exited(rules.spawned(step.member, 100 + i), 'with code 1', now)
      const { restartAt } = rules.statusOf(step.member)
      pauses.push((restartAt as number) - now)
      now = restartAt as number
      step = rules.tick(step.member, now)
    }
    expect(pauses).toEqual([8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
    expect(rules.ready(rules.spawned(step.member, 9), now).strikes).toBe(0)
  })

  it('that never gets ready is killed and tried again', () => {
    const starting = rules.spawned(rules.enlist(place, 0).member, 7)
    expect(rules.tick(starting, rules.START_WITHIN_MS).intents).toEqual([{ type: 'signal', signal: 'SIGKILL' }])
  })

  it('never has two processes and never stays away for good, whatever is asked of it', () => {
    const event = fc.oneof(
      fc.constantFrom(...ACTIONS).map((action) => ({ type: 'act' as const, action })),
      fc.constantFrom(...MODES).map((mode) => ({ type: 'mode' as const, mode })),
      fc.constant({ type: 'crash' as const }),
      fc.constant({ type: 'ready' as const }),
      fc.integer({ min: 0, max: 30_000 }).map((ms) => ({ type: 'wait' as const, ms })),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let now = 0
        let pid = 100
        let alive: number | null = null
        let member = rules.enlist(place, now).member
        const follow = (step: rules.Step): void => {
          member = step.member
          for (const intent of step.intents) {
            if (intent.type === 'spawn') {
              expect(alive).toBe(null)
              alive = pid++
              member = rules.spawned(member, alive)
            } else if (intent.type === 'signal') {
              expect(alive).not.toBe(null)
              if (intent.signal === 'SIGKILL') {
                alive = null
                follow(rules.exited(member, 'by SIGKILL', now))
              }
            } else {
              member = rules.changedMode(member, intent.mode, now)
            }
          }
        }
        follow(rules.enlist(place, now))
        for (const e of events) {
          if (e.type === 'act') {
            const step = rules.act(member, e.action, now)
            if ('member' in step) follow(step)
          } else if (e.type === 'mode') member = rules.changedMode(member, e.mode, now)
          else if (e.type === 'ready') member = rules.ready(member, now)
          else if (e.type === 'wait') {
            now += e.ms
            follow(rules.tick(member, now))
          } else if (alive !== null) {
            alive = null
            follow(rules.exited(member, 'with code 1', now))
          }
          const { pid: shown } = rules.statusOf(member)
          if (alive !== null) expect(shown).toBe(alive)
        }
        for (let i = 0; i < 4 && member.life.phase !== 'running'; i++) {
          now += rules.RESTART_AFTER_MAX_MS
          follow(rules.tick(member, now))
          member = rules.ready(member, now)
        }
        expect(member.life.phase).toBe('running')
      }),
    )
  })
})
