/**
 * Requests by edge and route, attempts by edge and instance, each quality for itself: a live window of sums, and what waits
 * to be rolled up. Memory is bounded by groups × slots.
 */
import type { CutQuality } from '../../core/latency.ts'
import type { Sketch } from '../../core/sketch.ts'
import { Cuts } from './cuts.ts'

/** The live window of groups: long enough that an instance of 1 request/s is told by 60 of them. */
export const GROUP_WINDOW_MS = 60_000
const SLOT_MS = 5_000
const SLOTS = GROUP_WINDOW_MS / SLOT_MS
/** Numbers of a slot: its index in time, count, errors, then the four parts. */
const WIDTH = 7
export const GROUPS_MAX = 10_000
/** A group without traffic is forgotten after this. */
const KEPT_MS = 5 * 60_000

export interface GroupKey {
  caller: string
  callee: string
  protocol: string
  kind: 'route' | 'instance'
  name: string
  quality: CutQuality
}

export interface CutReport {
  kind: 'route' | 'instance'
  name: string
  quality: CutQuality
  count: number
  errors: number
  clamped: number
  sumsMs: number[]
  total: Sketch
  parts: Sketch[] | null
}

/** Sums over the live window. */
export interface GroupWindow extends GroupKey {
  count: number
  errors: number
  networkMs: number
  processingMs: number
  queueMs: number
  unattributedMs: number
  /** how long it has been known for, at most the window */
  spanMs: number
}

interface Group extends GroupKey {
  slots: Float64Array
  pending: Cuts
  createdAt: number
  lastAt: number
}

export class Groups {
  readonly #groups = new Map<string, Group>()

  get size(): number {
    return this.#groups.size
  }

  /** Returns how many reports were refused for want of room. */
  add(edge: { caller: string; callee: string; protocol: string }, reports: readonly CutReport[], now: number): number {
    let refused = 0
    for (const report of reports) {
      const group = this.#group({ ...edge, ...keyOf(report) }, now)
      if (!group) {
        refused += 1
        continue
      }
      group.lastAt = now
      group.pending.add(report)
      const slot = Math.floor(now / SLOT_MS)
      const at = (slot % SLOTS) * WIDTH
      const { slots } = group
      if (slots[at] !== slot) {
        slots.fill(0, at, at + WIDTH)
        slots[at] = slot
      }
      const values = [report.count, report.errors, ...report.sumsMs]
      for (let i = 0; i < values.length; i++) slots[at + 1 + i] = (slots[at + 1 + i] as number) + (values[i] as number)
    }
    return refused
  }

  #group(key: GroupKey, now: number): Group | null {
    const id = JSON.stringify([key.caller, key.callee, key.protocol, key.kind, key.name, key.quality])
    const known = this.#groups.get(id)
    if (known) return known
    if (this.#groups.size >= GROUPS_MAX) return null
    const slots = new Float64Array(SLOTS * WIDTH).fill(Number.NEGATIVE_INFINITY)
    const group = { ...key, slots, pending: new Cuts(), createdAt: now, lastAt: now }
    this.#groups.set(id, group)
    return group
  }

  /** Groups with traffic in the live window. */
  windows(kind: 'route' | 'instance', now: number): GroupWindow[] {
    const first = Math.floor(now / SLOT_MS) - SLOTS + 1
    const out: GroupWindow[] = []
    for (const group of this.#groups.values()) {
      if (group.kind !== kind) continue
      const sums = [0, 0, 0, 0, 0, 0]
      for (let s = 0; s < SLOTS; s++) {
        if ((group.slots[s * WIDTH] as number) < first) continue
        for (let i = 0; i < sums.length; i++) {
          sums[i] = (sums[i] as number) + (group.slots[s * WIDTH + 1 + i] as number)
        }
      }
      const [count, errors, networkMs, processingMs, queueMs, unattributedMs] = sums as [
        ...[number, number, number, number, number, number],
      ]
      if (count === 0) continue
      const { caller, callee, protocol, name, quality } = group
      const key = { caller, callee, protocol, kind, name, quality }
      const sumsMs = { networkMs, processingMs, queueMs, unattributedMs }
      // The slot that is being filled is part of the window, so the window is as long as the slots that are over, and it.
      const whole = GROUP_WINDOW_MS - SLOT_MS + (now % SLOT_MS)
      out.push({ ...key, count, errors, ...sumsMs, spanMs: Math.max(1_000, Math.min(whole, now - group.createdAt)) })
    }
    return out
  }

  /** What waits to be rolled up, still being added to. */
  pending(): (GroupKey & { cuts: Cuts })[] {
    const out: (GroupKey & { cuts: Cuts })[] = []
    for (const { caller, callee, protocol, kind, name, quality, pending } of this.#groups.values()) {
      if (pending.count > 0) out.push({ caller, callee, protocol, kind, name, quality, cuts: pending })
    }
    return out
  }

  takePending(): (GroupKey & { cuts: Cuts })[] {
    const out = this.pending()
    for (const group of this.#groups.values()) if (group.pending.count > 0) group.pending = new Cuts()
    return out
  }

  forget(now: number): void {
    for (const [id, group] of this.#groups) {
      if (now - group.lastAt > KEPT_MS && group.pending.count === 0) this.#groups.delete(id)
    }
  }
}

function keyOf({ kind, name, quality }: CutReport): Pick<GroupKey, 'kind' | 'name' | 'quality'> {
  return { kind, name, quality }
}
