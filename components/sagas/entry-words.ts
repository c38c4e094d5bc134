/** How an entry of a history is drawn. Pure. */
import type { HistoryEntry } from '@/core/saga/view'
import type { Shape, Tone } from './glyph-shapes'

export interface EntryMark {
  shape: Shape
  tone: Tone
}

export function entryMark(entry: HistoryEntry): EntryMark {
  if (entry.operator) return { shape: 'hexagon', tone: 'operator' }
  switch (entry.type) {
    case 'step.succeeded':
      if (entry.phase === 'undo') return { shape: 'arrow-disc', tone: 'undo' }
      return { shape: 'disc', tone: 'healthy' }
    case 'step.attempt-failed':
      if (entry.retryAt !== null) return { shape: 'triangle', tone: 'warning' }
      return entry.outcome === 'unknown'
        ? { shape: 'question', tone: 'unknown' }
        : { shape: 'diamond', tone: 'unhealthy' }
    case 'step.leased':
      return entry.phase === 'undo' ? { shape: 'arrow', tone: 'undo' } : { shape: 'busy', tone: 'healthy' }
    case 'step.ready':
    case 'step.retry-due':
      return { shape: 'ring', tone: entry.phase === 'undo' ? 'undo' : 'muted' }
    case 'step.waiting':
      return { shape: 'clock', tone: 'muted' }
    case 'undo.begun':
      return { shape: 'arrow', tone: 'undo' }
    case 'run.paused':
      return { shape: 'hexagon-open', tone: 'operator' }
    case 'run.deadline-passed':
      return { shape: 'triangle', tone: 'warning' }
    case 'run.ended':
      return entry.status === 'succeeded' ? { shape: 'disc', tone: 'healthy' } : { shape: 'slash', tone: 'muted' }
    default:
      return { shape: 'dash', tone: 'faint' }
  }
}

/** What stands beside the sentence. */
export function factsOf(entry: HistoryEntry): string {
  if (entry.type === 'step.leased') return `fence ${entry.fence}`
  if (entry.type === 'step.attempt-failed' && entry.retryAt !== null) {
    return `again after ${Math.max(0, entry.retryAt - entry.at)} ms`
  }
  return ''
}
