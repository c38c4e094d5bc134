import type { BreakerStateName } from '@/core/breaker'
import type { OverrideMode } from '@/core/breaker-override'
import type { BreakerTile } from '@/core/breaker-view'
import type { State } from '../ui/state'

export const MODE_WORD: Record<OverrideMode, string> = {
  'forced-open': 'forced open',
  'forced-closed': 'forced closed',
  disabled: 'disabled',
  'metrics-only': 'metrics only',
}

/** The glyph's state and the word beside it: an operator's decision is told as one. */
export function shown({ effective, override, panic }: BreakerTile): { state: State; word: string } {
  if (override) return { state: 'operator', word: MODE_WORD[override.mode] }
  if (panic) return { state: 'warning', word: 'panic: let through' }
  return { state: effective, word: effective }
}

const CAUSES: Record<BreakerTile['cause']['what'], string> = {
  'failure-rate': 'failure rate',
  failures: 'failures',
  'slow-rate': 'slow calls',
  'consecutive-failures': 'failures in a row',
  operator: 'an operator',
  'probe-failed': 'a probe failed',
  'probes-succeeded': 'probes succeeded',
  'open-time-over': 'its time was over',
  'half-open-too-long': 'half-open for too long',
  new: 'new',
}

export function causeWord({ cause }: Pick<BreakerTile, 'cause'>): string {
  return cause.detail ? `${CAUSES[cause.what]}: ${cause.detail}` : CAUSES[cause.what]
}

export const SHOWS = ['all', 'not-closed', 'overridden'] as const
export type Show = (typeof SHOWS)[number]

export function matches(tile: BreakerTile, { q, show }: { q: string; show: Show }): boolean {
  if (show === 'not-closed' && tile.effective === 'closed' && tile.override === null) return false
  if (show === 'overridden' && tile.override === null) return false
  const wanted = q.trim().toLowerCase()
  return (
    wanted === '' || [tile.name, tile.service ?? '', tile.instance ?? ''].some((t) => t.toLowerCase().includes(wanted))
  )
}

const RANK: Record<BreakerStateName, number> = { open: 0, 'half-open': 1, closed: 2 }

/** What is not as usual first, then services before their instances, by name. */
export function ordered(tiles: readonly BreakerTile[]): string[] {
  const rank = (tile: BreakerTile) => (tile.override ? 0 : RANK[tile.effective])
  return [...tiles].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)).map(({ name }) => name)
}
