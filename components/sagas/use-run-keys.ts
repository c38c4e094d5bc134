'use client'
import { useEffect, useRef } from 'react'
import { RUN_VIEWS, type RunViewName } from './search-params'

/** Keys of a run's page, as its legend tells them. */
export const RUN_KEYS: { keys: string; does: string }[] = [
  { keys: 'c', does: 'continue, or pause' },
  { keys: 'n', does: 'step over what comes next' },
  { keys: 'f', does: 'show what would be undone if it failed now' },
  { keys: '[', does: 'one entry back' },
  { keys: ']', does: 'one entry on' },
  { keys: '.', does: 'back to now' },
  { keys: '1', does: 'lanes; 2 graph, 3 time, 4 history' },
  { keys: '↑ ↓', does: 'from step to step' },
  { keys: '← →', does: 'from a do to its undo' },
]

/** The first half of two keys in a row is no key of ours. */
const PREFIX_MS = 1_000

export function useRunKeys(on: {
  go: (() => void) | null
  step: (() => void) | null
  plan: (() => void) | null
  back: (() => void) | null
  forth: (() => void) | null
  now: (() => void) | null
  view: (view: RunViewName) => void
}): void {
  const latest = useRef(on)
  useEffect(() => {
    latest.current = on
  }, [on])
  useEffect(() => {
    let prefixedAt = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const { target } = event
      if (target instanceof HTMLElement) {
        const isSlider = target instanceof HTMLInputElement && ['range', 'checkbox', 'radio'].includes(target.type)
        if (target.isContentEditable || (!isSlider && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) return
      }
      if (document.querySelector('[role="dialog"], [role="menu"]')) return
      if (event.timeStamp - prefixedAt < PREFIX_MS) {
        prefixedAt = Number.NEGATIVE_INFINITY
        return
      }
      if (event.key === 'g') {
        prefixedAt = event.timeStamp
        return
      }
      const { go, step, plan, back, forth, now, view } = latest.current
      const does: Record<string, (() => void) | null> = { c: go, n: step, f: plan, '[': back, ']': forth, '.': now }
      const chosen = RUN_VIEWS[Number(event.key) - 1]
      const act = chosen ? () => view(chosen) : Object.hasOwn(does, event.key) ? does[event.key] : null
      if (!act) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
