/**
 * The rules by which the director keeps one process of the fleet: what an action, an exit or passing time makes of it.
 * Pure: each rule takes a member and the time, and returns the member after it with what is to be done.
 * Times are milliseconds since the epoch by a clock that never runs backwards.
 */
import type { Action, InstanceStatus, Mode } from './messages.ts'
import type { Place } from './roster.ts'

/** Long enough to see a node turn and its siblings take over, short enough to wait for. */
export const RESTART_AFTER_MS = 8_000
/** The longest pause between attempts of a process that dies before it is ready. */
export const RESTART_AFTER_MAX_MS = 60_000
/** How long a process may take to stop by itself before it is killed. */
export const STOP_WITHIN_MS = 4_000
/** How long a process may take to be ready before it is killed and tried again. */
export const START_WITHIN_MS = 20_000

type Life =
  | { phase: 'starting'; pid: number | null; since: number; killed: boolean }
  | { phase: 'running'; pid: number; since: number; mode: Mode }
  | { phase: 'stopping'; pid: number; since: number; why: 'restart' | 'kill'; killed: boolean }
  | { phase: 'down'; since: number; restartAt: number; why: string }

export interface Member {
  place: Place
  life: Life
  /** times it has been started again */
  restarts: number
  /** starts in a row that ended before it was ready */
  strikes: number
}

export type Intent =
  | { type: 'spawn' }
  | { type: 'signal'; signal: 'SIGTERM' | 'SIGKILL' }
  | { type: 'mode'; mode: Mode }

export interface Step {
  member: Member
  intents: Intent[]
}

export interface Refusal {
  refused: string
}

/** A member that is about to be started for the first time. */
export function enlist(place: Place, now: number): Step {
  const life: Life = { phase: 'starting', pid: null, since: now, killed: false }
  return { member: { place, life, restarts: 0, strikes: 0 }, intents: [{ type: 'spawn' }] }
}

/** Its process exists. */
export function spawned(member: Member, pid: number): Member {
  return member.life.phase === 'starting' ? { ...member, life: { ...member.life, pid } } : member
}

/** Its process has registered and answers. A late word of a process that is being stopped changes nothing. */
export function ready(member: Member, now: number): Member {
  const { life } = member
  if (life.phase !== 'starting' || life.pid === null) return member
  return { ...member, strikes: 0, life: { phase: 'running', pid: life.pid, since: now, mode: 'normal' } }
}

/** Its process has taken on a mode. */
export function changedMode(member: Member, mode: Mode, now: number): Member {
  const { life } = member
  if (life.phase !== 'running' || life.mode === mode) return member
  return { ...member, life: { ...life, mode, since: now } }
}

/** Its process has ended, asked or not. `how`: "by SIGKILL", "with code 1". */
export function exited(member: Member, how: string, now: number): Step {
  const { life } = member
  if (life.phase === 'stopping' && life.why === 'restart') return respawn(member, now)
  if (life.phase === 'down') return { member, intents: [] }
  const strikes = life.phase === 'starting' ? member.strikes + 1 : 0
  const pause = Math.min(RESTART_AFTER_MAX_MS, RESTART_AFTER_MS * 2 ** Math.max(0, strikes - 1))
  const why = life.phase === 'starting' ? `ended ${how} before it was ready` : `ended ${how}`
  return {
    member: { ...member, strikes, life: { phase: 'down', since: now, restartAt: now + pause, why } },
    intents: [],
  }
}

/** What passing time asks for. */
export function tick(member: Member, now: number): Step {
  const { life } = member
  if (life.phase === 'down' && now >= life.restartAt) return respawn(member, now)
  if (life.phase === 'stopping' && !life.killed && now - life.since >= STOP_WITHIN_MS) {
    return { member: { ...member, life: { ...life, killed: true } }, intents: [{ type: 'signal', signal: 'SIGKILL' }] }
  }
  if (life.phase === 'starting' && !life.killed && life.pid !== null && now - life.since >= START_WITHIN_MS) {
    return { member: { ...member, life: { ...life, killed: true } }, intents: [{ type: 'signal', signal: 'SIGKILL' }] }
  }
  return { member, intents: [] }
}

/** What a person asks for. Refused, with the reason, when it makes no sense now. */
export function act(member: Member, action: Action, now: number): Step | Refusal {
  const { life, place } = member
  switch (life.phase) {
    case 'down':
      if (action === 'restart') return respawn(member, now)
      return { refused: `${place.id} is down; restart it first, or wait until it comes back by itself.` }
    case 'stopping':
      if (action === 'kill') return kill(member, life.pid, now)
      return { refused: `${place.id} is stopping; try again when it is back.` }
    case 'starting':
      if (life.pid === null || (action !== 'kill' && action !== 'restart')) {
        return { refused: `${place.id} is still starting; try again in a moment.` }
      }
      return action === 'kill' ? kill(member, life.pid, now) : stop(member, life.pid, now)
    case 'running':
      if (action === 'kill') return kill(member, life.pid, now)
      if (action === 'restart') return stop(member, life.pid, now)
      return { member, intents: [{ type: 'mode', mode: action }] }
  }
}

function kill(member: Member, pid: number, now: number): Step {
  const life: Life = { phase: 'stopping', pid, since: now, why: 'kill', killed: true }
  return { member: { ...member, life }, intents: [{ type: 'signal', signal: 'SIGKILL' }] }
}

function stop(member: Member, pid: number, now: number): Step {
  const life: Life = { phase: 'stopping', pid, since: now, why: 'restart', killed: false }
  return { member: { ...member, life }, intents: [{ type: 'signal', signal: 'SIGTERM' }] }
}

function respawn(member: Member, now: number): Step {
  const life: Life = { phase: 'starting', pid: null, since: now, killed: false }
  return { member: { ...member, restarts: member.restarts + 1, life }, intents: [{ type: 'spawn' }] }
}

const MODE_WORDS: Record<Mode, string> = {
  normal: 'works as it should',
  slow: 'answers 400 to 900 ms late',
  failing: 'answers 60% of its calls with an error',
  hung: 'accepts connections and never answers, its health check included',
}

/** How it is shown. */
export function statusOf(member: Member): InstanceStatus {
  const { life, place } = member
  const pid = life.phase === 'down' ? null : life.pid
  const detail =
    life.phase === 'running'
      ? MODE_WORDS[life.mode]
      : life.phase === 'down'
        ? life.why
        : life.phase === 'starting'
          ? 'starts and registers itself'
          : life.why === 'restart'
            ? 'finishes what it has begun and deregisters'
            : 'is being killed'
  return {
    id: place.id,
    service: place.service,
    pid,
    state: life.phase,
    mode: life.phase === 'running' ? life.mode : 'normal',
    detail,
    since: Math.round(life.since),
    restartAt: life.phase === 'down' ? Math.round(life.restartAt) : null,
    restarts: member.restarts,
  }
}
