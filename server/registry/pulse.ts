/**
 * Heartbeats, in memory: one small entry an instance, touched by every beat, looked over by the sweep. Not journaled; only
 * a change of state is. Ages run on the monotonic clock, so that a jump of the wall clock evicts nobody.
 */
import { heartbeatAge, isGone } from '../../core/health.ts'
import type { HeartbeatState, Instance } from '../../core/instance.ts'

export interface Pulse {
  id: string
  service: string
  owner: string
  generation: number
  ttlMs: number
  /** as in the committed record */
  state: HeartbeatState
  reported: Instance['reported']
  /** last beat, monotonic milliseconds */
  at: number
  /** last beat, store time; null before the first one of this registration */
  wallAt: number | null
  /** not flushed since the last beat */
  dirty: boolean
  /** since when it is unhealthy, or silent and drained, monotonic; null when it is not */
  goneAt: number | null
  deregisterAfterMs: number
}

export interface Overdue {
  late: Pulse[]
  /** silent for a whole TTL, by service */
  expired: Map<string, Pulse[]>
  /** unhealthy for longer than they asked to be kept */
  forgotten: Pulse[]
}

/** Clients try to reconnect at least so often, with time to spare. */
export const RECONNECT_MS = 10_000

/** Longest believable pause between two sweeps; past it the process itself was asleep, and nobody could reach it. */
const ASLEEP_MS = 2_500

export class Pulses {
  readonly #pulses = new Map<string, Pulse>()
  #lastSweep: number | null = null

  get(id: string): Pulse | undefined {
    return this.#pulses.get(id)
  }

  get size(): number {
    return this.#pulses.size
  }

  values(): IterableIterator<Pulse> {
    return this.#pulses.values()
  }

  /** Follows a committed record. A new generation, or a first sight of it, starts a whole TTL. */
  follow(instance: Instance, now: number): void {
    const before = this.#pulses.get(instance.id)
    const fresh = !before || before.generation !== instance.generation
    const gone = isGone(instance)
    this.#pulses.set(instance.id, {
      id: instance.id,
      service: instance.service,
      owner: instance.owner,
      generation: instance.generation,
      ttlMs: instance.ttlMs,
      state: instance.heartbeat,
      reported: instance.reported,
      at: fresh ? now : before.at,
      wallAt: fresh ? instance.lastHeartbeatAt : before.wallAt,
      dirty: fresh ? false : before.dirty,
      goneAt: gone ? (before?.goneAt ?? now) : null,
      deregisterAfterMs: instance.deregisterAfterMs,
    })
  }

  /**
   * After a restart: nobody could send a heartbeat meanwhile, and clients come back within their longest pause between two
   * attempts to connect, which may exceed a short TTL.
   */
  grantGrace(now: number): void {
    for (const pulse of this.#pulses.values()) pulse.at = Math.max(pulse.at, now + RECONNECT_MS - pulse.ttlMs)
  }

  delete(id: string): void {
    this.#pulses.delete(id)
  }

  clear(): void {
    this.#pulses.clear()
  }

  isAlive(id: string, now: number): boolean {
    const pulse = this.#pulses.get(id)
    if (!pulse) return false
    return pulse.ttlMs === 0 ? pulse.goneAt === null : now - pulse.at < pulse.ttlMs && pulse.state !== 'expired'
  }

  /**
   * What is overdue at `now`. If this process slept (suspended, or its loop was blocked), beats could not arrive: every
   * age is shortened by the gap, as after a restart.
   */
  overdue(now: number): Overdue {
    const gap = this.#lastSweep === null ? 0 : now - this.#lastSweep
    this.#lastSweep = now
    const found: Overdue = { late: [], expired: new Map(), forgotten: [] }
    if (gap > ASLEEP_MS) {
      for (const pulse of this.#pulses.values()) {
        pulse.at += gap
        if (pulse.goneAt !== null) pulse.goneAt += gap
      }
      return found
    }
    for (const pulse of this.#pulses.values()) {
      if (pulse.state === 'live' || pulse.state === 'late') {
        const age = heartbeatAge(pulse.ttlMs, now - pulse.at)
        if (age === 'expired') {
          const siblings = found.expired.get(pulse.service)
          if (siblings) siblings.push(pulse)
          else found.expired.set(pulse.service, [pulse])
        } else if (age === 'late' && pulse.state === 'live') found.late.push(pulse)
      }
      if (pulse.goneAt !== null && pulse.deregisterAfterMs > 0 && now - pulse.goneAt >= pulse.deregisterAfterMs) {
        found.forgotten.push(pulse)
      }
    }
    return found
  }

  /** Beats not written yet; they count as written from here on. */
  takeDirty(limit: number): Pulse[] {
    const dirty: Pulse[] = []
    for (const pulse of this.#pulses.values()) {
      if (!pulse.dirty) continue
      pulse.dirty = false
      dirty.push(pulse)
      if (dirty.length >= limit) break
    }
    return dirty
  }
}
