import type { HolderView, LockView, WaiterView } from '@/core/lock-view'

type Person = Pick<HolderView | WaiterView, 'label' | 'session'>

/** Who it is, for people. */
export function who({ label, session }: Person): string {
  return label || session
}

export function holdersWord({ holders, delayLeftMs }: LockView): string {
  const [first, ...more] = holders
  if (!first) return delayLeftMs > 0 ? 'closed after a lease ran out' : 'nobody'
  return more.length === 0 ? who(first) : `${who(first)} and ${more.length} more`
}

/** What kind of use it is, and how full. */
export function kindWord({ kind, permits, holders }: LockView): string {
  if (kind === 'election') return 'leader'
  if (kind === 'semaphore') {
    return `${holders.reduce((sum, holder) => sum + holder.permits, 0)} of ${permits} permits`
  }
  return holders.some(({ mode }) => mode === 'shared') ? `${holders.length} readers` : 'exclusive'
}

export const lockHref = (resource: string) => `/locks/${encodeURIComponent(resource)}`

const TURNS: Record<string, string> = {
  'lock.acquired': 'acquired',
  'lock.entered': 'entered again',
  'lock.left': 'left once',
  'lock.released': 'released',
  'lock.expired': 'lease ran out',
  'lock.force-released': 'taken by force',
  'lock.session-ended': 'instance left',
  'lock.deadlock': 'deadlock',
}

export function turnWord(kind: string): string {
  return TURNS[kind] ?? kind
}
