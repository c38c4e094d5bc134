/** From what happened to a resource to who held it when. */
import type { LockTurn } from '@/core/lock-view'
import { who } from './words'

export interface Holding {
  token: number
  name: string
  fromMs: number
  /** null: still held */
  toMs: number | null
  /** how it ended; null: not yet */
  end: 'released' | 'expired' | 'forced' | 'session' | null
}

const ENDS: Record<string, Holding['end']> = {
  'lock.expired': 'expired',
  'lock.force-released': 'forced',
  'lock.session-ended': 'session',
}

/** `turns`: newest first, as they are asked for. Answers oldest first. */
export function holdings(turns: readonly LockTurn[]): Holding[] {
  const all: Holding[] = []
  const open = new Map<number, Holding>()
  for (const turn of [...turns].reverse()) {
    const present = new Set(turn.holders.map(({ fencingToken }) => fencingToken))
    for (const [token, holding] of open) {
      if (present.has(token)) continue
      holding.toMs = turn.at
      holding.end = ENDS[turn.kind] ?? 'released'
      open.delete(token)
    }
    for (const holder of turn.holders) {
      if (open.has(holder.fencingToken)) continue
      const holding: Holding = {
        token: holder.fencingToken,
        name: who(holder),
        fromMs: holder.acquiredAt,
        toMs: null,
        end: null,
      }
      open.set(holder.fencingToken, holding)
      all.push(holding)
    }
  }
  return all
}
