'use client'
import { useEffect } from 'react'

export type Shortcut = { keys: string; does: string; run: () => void }

/** Is the key meant for something that takes text? */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** Single keys, and two keys in a row such as `g s`; not while typing or in a dialog. Ctrl-K and ⌘K always work. */
export function useShortcuts(shortcuts: readonly Shortcut[], palette: () => void): void {
  useEffect(() => {
    let prefix: string | null = null
    let timer: ReturnType<typeof setTimeout> | null = null
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        palette()
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('[role="dialog"]')) return
      const keys = prefix === null ? event.key : `${prefix} ${event.key}`
      prefix = null
      if (timer) clearTimeout(timer)
      const found = shortcuts.find((shortcut) => shortcut.keys === keys)
      if (found) {
        event.preventDefault()
        found.run()
      } else if (shortcuts.some((shortcut) => shortcut.keys.startsWith(`${event.key} `))) {
        prefix = event.key
        timer = setTimeout(() => {
          prefix = null
        }, 1_000)
      }
    }
    window.addEventListener('keydown', onKey)
    return () => {
      window.removeEventListener('keydown', onKey)
      if (timer) clearTimeout(timer)
    }
  }, [shortcuts, palette])
}
