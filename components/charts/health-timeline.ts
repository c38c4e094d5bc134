/** What an instance was, and from when to when, out of its entries in the journal. Pure; times in milliseconds. */
import type { HealthState } from '@/core/instance'

/** One entry of the journal about an instance; `health` null: it is gone after it. */
export interface Transition {
  seq: number
  at: number
  kind: string
  actor: string
  summary: string
  instanceId: string
  health: HealthState | null
  reason: string
}

export interface Segment {
  /** `gone`: not registered; `unseen`: before the first entry that is known */
  state: HealthState | 'gone' | 'unseen'
  fromMs: number
  toMs: number
  /** it lasts on */
  open: boolean
  reason: string
  /** who caused it; null when unknown */
  actor: string | null
  seq: number | null
}

export interface Mark {
  at: number
  seq: number
  actor: string
  summary: string
}

export interface Timeline {
  instanceId: string
  segments: Segment[]
  /** what people did */
  marks: Mark[]
}

/** What is known of an instance now; without it, it is gone. */
export interface Known {
  id: string
  health: HealthState
  reason: string
  healthSince: number
  registeredAt: number
}

/** Something a person decided about an instance; that a person's token registers one is nothing of the kind. */
export const isDecision = ({ actor, kind }: Pick<Transition, 'actor' | 'kind'>) =>
  actor.startsWith('user:') && kind !== 'instance.registered' && kind !== 'instance.moved'

/** Entries that say the same state and the same reason are one segment. */
function states(transitions: readonly Transition[], toMs: number): Segment[] {
  const out: Segment[] = []
  for (const { at, health, reason, actor, seq, summary } of transitions) {
    const state = health ?? 'gone'
    const before = out.at(-1)
    if (before && before.state === state && (before.reason === reason || state === 'gone')) continue
    if (before) before.toMs = Math.max(before.fromMs, at)
    out.push({ state, fromMs: at, toMs, open: false, reason: health === null ? summary : reason, actor, seq })
  }
  const last = out.at(-1)
  if (last) {
    last.toMs = Math.max(last.fromMs, toMs)
    last.open = true
  }
  return out
}

/**
 * The timeline of one instance between two times. `transitions`: of this instance, in any order; they may begin late, since
 * the journal is read a page at a time: what was before the first is `unseen`, unless the first is its registration.
 */
export function timeline(
  id: string,
  transitions: readonly Transition[],
  known: Known | null,
  fromMs: number,
  toMs: number,
): Timeline {
  const sorted = [...transitions].sort((a, b) => a.seq - b.seq)
  const segments = states(sorted, toMs)
  if (segments.length === 0 && known) {
    segments.push({
      state: known.health,
      fromMs: Math.min(known.healthSince, toMs),
      toMs,
      open: true,
      reason: known.reason,
      actor: null,
      seq: null,
    })
  }
  const first = segments[0]
  if (!first) return { instanceId: id, segments: [whole('unseen', fromMs, toMs)], marks: [] }
  if (first.fromMs > fromMs) {
    // Somebody who registers under a new generation was there before: only a first registration begins with nothing.
    const born = sorted[0]?.kind === 'instance.registered' && (known === null || known.registeredAt >= first.fromMs)
    segments.unshift(whole(born ? 'gone' : 'unseen', fromMs, first.fromMs))
  }
  const visible = segments
    .filter((segment) => segment.toMs > fromMs && segment.fromMs < toMs)
    .map((segment) => ({ ...segment }))
  const marks = sorted
    .filter((t) => isDecision(t) && t.at >= fromMs && t.at <= toMs)
    .map(({ at, seq, actor, summary }) => ({ at, seq, actor, summary }))
  return { instanceId: id, segments: visible, marks }
}

function whole(state: 'gone' | 'unseen', fromMs: number, toMs: number): Segment {
  const reason = state === 'gone' ? 'not registered' : 'before the first entry that is loaded'
  return { state, fromMs, toMs, open: false, reason, actor: null, seq: null }
}

/** Timelines of `shown`, and of those that left within the window, newest goodbye first. `registered`: all that are registered. */
export function timelines(
  transitions: readonly Transition[],
  shown: readonly Known[],
  registered: readonly Known[],
  fromMs: number,
  toMs: number,
  goneMax = 8,
): { rows: Timeline[]; goneLeftOut: number } {
  const byId = new Map<string, Transition[]>()
  for (const t of transitions) {
    const list = byId.get(t.instanceId)
    if (list) list.push(t)
    else byId.set(t.instanceId, [t])
  }
  const rows = shown.map((known) => timeline(known.id, byId.get(known.id) ?? [], known, fromMs, toMs))
  const here = new Set(registered.map((known) => known.id))
  const gone = [...byId]
    .filter(([id]) => !here.has(id))
    .map(([id, list]) => ({ id, list, left: Math.max(...list.map((t) => t.at)) }))
    .filter(({ left }) => left > fromMs)
    .sort((a, b) => b.left - a.left)
  for (const { id, list } of gone.slice(0, goneMax)) rows.push(timeline(id, list, null, fromMs, toMs))
  return { rows, goneLeftOut: Math.max(0, gone.length - goneMax) }
}

export interface Box {
  /** percent of the width */
  left: number
  width: number
}

/** Where a segment is drawn. `least`: the percentage below which a short one would not be seen. */
export function boxOf(segment: Pick<Segment, 'fromMs' | 'toMs'>, fromMs: number, toMs: number, least: number): Box {
  const span = Math.max(1, toMs - fromMs)
  const left = ((Math.max(segment.fromMs, fromMs) - fromMs) / span) * 100
  const right = ((Math.min(segment.toMs, toMs) - fromMs) / span) * 100
  const width = Math.max(right - left, least)
  return { left: Math.max(0, Math.min(left, 100 - width)), width }
}
