'use client'

import { useConnection } from '../live'

/** Frames come every second: what is older than this has to be said. */
const LATE_MS = 3_000

/** How much older than at its arrival everything on the screen is, in whole seconds; 0 while the stream lives. */
export function useLateMs(): number {
  const { sinceMs } = useConnection()
  return sinceMs < LATE_MS ? 0 : Math.floor(sinceMs / 1000) * 1000
}
