'use client'
import { type FocusEvent, type PointerEvent, useState } from 'react'
import { nextOrder, sameNames } from './order'

/**
 * Keeps rows where they are while the pointer or the keyboard is among them. `key`: changes when the user asks for another
 * list. `waiting`: a newer order is there; `apply` takes it.
 */
export function useHeldOrder(key: string, wanted: readonly string[]) {
  const [pointed, setPointed] = useState(false)
  const [focused, setFocused] = useState(false)
  const [shown, setShown] = useState(() => ({ key, names: wanted }))
  const next = nextOrder(shown, key, wanted, pointed || focused)
  if (next !== shown) setShown(next)
  return {
    names: next.names,
    waiting: !sameNames(next.names, wanted),
    apply: () => setShown({ key, names: wanted }),
    holding: {
      onPointerEnter: (event: PointerEvent) => setPointed(event.pointerType === 'mouse'),
      onPointerLeave: () => setPointed(false),
      onFocus: (event: FocusEvent<HTMLElement>) => setFocused(event.target.matches(':focus-visible')),
      onBlur: () => setFocused(false),
    },
  }
}
