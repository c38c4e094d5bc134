'use client'
import { createContext, useContext } from 'react'
import { useNow } from '../ui/ago'

/** Milliseconds since the epoch when an earlier moment of a run is looked at; null: the present. */
export const Moment = createContext<number | null>(null)

/** The clock of what is looked at: it stands still in the past. Null until the page is alive. */
export function useMoment(): number | null {
  const now = useNow()
  return useContext(Moment) ?? now
}
