/** Which locks are listed, and in which order. */
import type { LockView } from '@/core/lock-view'
import { who } from './words'

export const SHOWS = ['all', 'contended', 'locks', 'semaphores', 'leaders'] as const
export type Show = (typeof SHOWS)[number]

export function matches(lock: LockView, { q, show }: { q: string; show: Show }): boolean {
  if (show === 'contended' && lock.waiting === 0) return false
  if (show === 'leaders' && lock.kind !== 'election') return false
  if (show === 'semaphores' && lock.kind !== 'semaphore') return false
  if (show === 'locks' && lock.kind !== 'lock') return false
  const wanted = q.trim().toLowerCase()
  if (wanted === '') return true
  return [lock.resource, ...[...lock.holders, ...lock.queue].flatMap((one) => [who(one), one.instance ?? ''])].some(
    (text) => text.toLowerCase().includes(wanted),
  )
}

/** Longest queues first, then by name, so that rows keep their places while holders change. */
export function ordered(locks: readonly LockView[]): string[] {
  return [...locks]
    .sort((a, b) => Number(b.waiting > 0) - Number(a.waiting > 0) || (a.resource < b.resource ? -1 : 1))
    .map(({ resource }) => resource)
}
