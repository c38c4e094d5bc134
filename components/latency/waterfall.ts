/** The requests of one trace, each placed within the one it was made for. Pure. */
import type { KeptExemplar } from '@/core/exemplar'

export interface Row {
  exemplar: KeptExemplar
  depth: number
  /** since the start of the trace */
  offsetMs: number
  /** by so much it was moved to lie within its caller: their clocks differ by at least that */
  movedMs: number
  /** who asked for it is not among the kept */
  orphan: boolean
}

export interface Waterfall {
  rows: Row[]
  totalMs: number
  /** when it began, by the clock of who made the first request */
  at: number
}

/** Clocks tell whole milliseconds. */
const ROUNDING_MS = 1.5

export function waterfall(kept: readonly KeptExemplar[]): Waterfall {
  const byId = new Map(kept.map((e) => [e.id, e]))
  const children = new Map<string, KeptExemplar[]>()
  const roots: KeptExemplar[] = []
  for (const e of kept) {
    if (e.parentId === null || e.parentId === e.id || !byId.has(e.parentId)) roots.push(e)
    else children.set(e.parentId, [...(children.get(e.parentId) ?? []), e])
  }
  // Who asks for each other in a circle has no root: each of them is shown for itself.
  const reached = new Set<string>()
  const reach = (e: KeptExemplar): void => {
    if (reached.has(e.id)) return
    reached.add(e.id)
    for (const child of children.get(e.id) ?? []) reach(child)
  }
  for (const root of roots) reach(root)
  for (const e of kept) if (!reached.has(e.id)) roots.push(e)

  const byStart = (a: KeptExemplar, b: KeptExemplar) => a.at - b.at || a.key - b.key
  roots.sort(byStart)
  const at = roots[0]?.at ?? 0
  const rows: Row[] = []
  const seen = new Set<string>()
  const place = (e: KeptExemplar, depth: number, within: Row | null): void => {
    if (seen.has(e.id)) return
    seen.add(e.id)
    const { offsetMs, movedMs } = within ? inside(e, within) : { offsetMs: e.at - at, movedMs: 0 }
    const row = { exemplar: e, depth, offsetMs, movedMs, orphan: within === null && e.parentId !== null }
    rows.push(row)
    for (const child of (children.get(e.id) ?? []).sort(byStart)) place(child, depth + 1, row)
  }
  for (const root of roots) place(root, 0, null)
  const totalMs = rows.reduce((most, row) => Math.max(most, row.offsetMs + lengthOf(row.exemplar)), 0)
  return { rows, totalMs, at }
}

/** What is made for a request happens while that is waited for. */
function inside(e: KeptExemplar, within: Row): { offsetMs: number; movedMs: number } {
  const told = within.offsetMs + (e.at - within.exemplar.at)
  const last = within.offsetMs + lengthOf(within.exemplar) - lengthOf(e)
  const offsetMs = Math.max(within.offsetMs, Math.min(told, last))
  const movedMs = Math.abs(offsetMs - told)
  return { offsetMs, movedMs: movedMs > ROUNDING_MS ? movedMs : 0 }
}

export const lengthOf = (e: KeptExemplar): number => e.cut.totalMs + e.cut.streamMs
