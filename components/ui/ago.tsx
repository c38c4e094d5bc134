'use client'
import { useSyncExternalStore } from 'react'
import { formatAge } from './figure'

/** One timer for every age on the page, however many there are. */
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null
let now = 0
/** server's clock minus ours, so that ages are right on a machine whose clock is not */
let offset = 0

export function setServerNow(serverNow: number): void {
  offset = serverNow - Date.now()
}

/** The server's clock now, for what is sent back to it. */
export const serverNow = (): number => Date.now() + offset

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now() + offset
    for (const tell of listeners) tell()
  }, 1_000)
  now = Date.now() + offset
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0 && timer) {
      clearInterval(timer)
      timer = null
    }
  }
}

/** The server's clock in whole seconds, ticking; null until the page is alive. */
export function useNow(): number | null {
  return useSyncExternalStore(
    subscribe,
    () => Math.floor(now / 1000) * 1000,
    () => null,
  )
}

/** How long ago, or in how long, in words that keep current; the exact time on hover. */
export function Ago({ at, className }: { at: number; className?: string }) {
  const current = useNow()
  const exact = new Date(at).toISOString()
  return (
    <time
      dateTime={exact}
      title={exact.replace('T', ' ').replace('Z', ' UTC')}
      className={className}
      suppressHydrationWarning
    >
      {current === null
        ? exact.slice(11, 19)
        : at > current + 500
          ? `in ${formatAge(at - current)}`
          : `${formatAge(current - at)} ago`}
    </time>
  )
}
