'use client'
import { createContext, type RefObject, useContext } from 'react'

/**
 * Where menus, lists and hints are put: an element inside a landmark, so that a screen reader knows what they belong to.
 * Without one, and inside a dialog (all else is out of reach then), it is where they would be put anyway.
 */
export const FloatingRoot = createContext<RefObject<HTMLElement | null> | undefined>(undefined)

/** Props for the `Portal` of anything that floats. */
export function useFloating(): { container?: RefObject<HTMLElement | null> } {
  const container = useContext(FloatingRoot)
  return container ? { container } : {}
}
