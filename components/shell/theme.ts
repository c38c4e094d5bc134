'use client'
import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark' | 'system'

const listeners = new Set<() => void>()

/** Shows the theme at once and keeps the choice for a year; `system` forgets it. */
export function setTheme(theme: Theme): void {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset.chosen
  else {
    root.dataset.chosen = ''
    root.dataset.theme = theme
  }
  const age = theme === 'system' ? 0 : 31_536_000
  // biome-ignore lint/suspicious/noDocumentCookie: the server reads it before the first paint; no store API in all browsers
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`
  for (const tell of listeners) tell()
}

function chosen(): Theme {
  const { theme, chosen: is } = document.documentElement.dataset
  return is === undefined ? 'system' : theme === 'dark' ? 'dark' : 'light'
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What the user has chosen, not what is shown. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, chosen, () => 'system')
}
