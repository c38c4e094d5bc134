/** What a live log shows, and what waits while it is held. Bounded, each request once, the newest first. Pure. */
import type { RequestEntry } from '@/core/gateway/view'

export const SHOWN_MAX = 300

export interface Buffer {
  shown: readonly RequestEntry[]
  waiting: readonly RequestEntry[]
  /** came while it was held, also those that had to make room */
  fresh: number
  /** that were more than could be sent */
  missed: number
}

export const EMPTY: Buffer = { shown: [], waiting: [], fresh: 0, missed: 0 }

export type Deed =
  | { type: 'came'; entries: readonly RequestEntry[]; missed: number; held: boolean }
  /** the newest as the control plane keeps them: they fill what was missed while the stream was away */
  | { type: 'kept'; entries: readonly RequestEntry[]; held: boolean }
  | { type: 'show' }

export const keyOf = ({ id, at }: RequestEntry): string => `${id} ${at}`

export function reduce(buffer: Buffer, deed: Deed): Buffer {
  switch (deed.type) {
    case 'came': {
      const missed = buffer.missed + deed.missed
      return deed.held
        ? hold({ ...buffer, missed }, deed.entries)
        : { ...buffer, missed, shown: merged(buffer.shown, deed.entries) }
    }
    case 'kept':
      return deed.held && buffer.shown.length > 0
        ? hold(buffer, deed.entries)
        : { ...buffer, shown: merged(buffer.shown, deed.entries) }
    case 'show':
      return buffer.waiting.length === 0 && buffer.fresh === 0
        ? buffer
        : { ...buffer, shown: merged(buffer.shown, buffer.waiting), waiting: [], fresh: 0 }
  }
}

function hold(buffer: Buffer, entries: readonly RequestEntry[]): Buffer {
  const known = new Set([...buffer.shown, ...buffer.waiting].map(keyOf))
  const fresh = entries.filter((entry) => !known.has(keyOf(entry)))
  return fresh.length === 0
    ? buffer
    : { ...buffer, waiting: merged(buffer.waiting, fresh), fresh: buffer.fresh + fresh.length }
}

/** The same array when nothing is new, so that nothing is drawn again. */
function merged(before: readonly RequestEntry[], more: readonly RequestEntry[]): readonly RequestEntry[] {
  const known = new Set(before.map(keyOf))
  const fresh = more.filter((entry) => !known.has(keyOf(entry)))
  if (fresh.length === 0) return before
  return [...fresh, ...before].sort((a, b) => b.at - a.at).slice(0, SHOWN_MAX)
}
