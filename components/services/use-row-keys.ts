'use client'
import { type RefObject, useEffect } from 'react'
import type { RowsHandle } from './rows'

/** After `g`, the next key goes to a page. */
const PREFIX_MS = 1_000

/** j and k, and the arrows once a row has the focus, go through the rows; Enter follows the row's own link. */
export function useRowKeys(keys: readonly string[], handle: RefObject<RowsHandle | null>, first: string | null): void {
  useEffect(() => {
    let prefixAt = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const target = event.target instanceof HTMLElement ? event.target : null
      if (target?.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target?.tagName ?? '')) return
      if (document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]')) return
      const prefixed = event.timeStamp - prefixAt < PREFIX_MS
      prefixAt = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
      if (prefixed) return
      const current = target?.dataset.row ?? null
      const arrow = current !== null && (event.key === 'ArrowDown' || event.key === 'ArrowUp')
      if (event.key !== 'j' && event.key !== 'k' && !arrow) return
      event.preventDefault()
      const down = event.key === 'j' || event.key === 'ArrowDown'
      const from = keys.indexOf(current ?? first ?? '')
      const to = from < 0 ? 0 : Math.min(keys.length - 1, Math.max(0, from + (down ? 1 : -1)))
      const key = keys[to]
      if (key !== undefined) handle.current?.focus(key)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [keys, handle, first])
}
