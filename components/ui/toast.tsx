'use client'
import { Toaster as Base, toast as show } from 'sonner'
import { StateGlyph } from './state'

export function Toaster() {
  return (
    <Base
      position="bottom-right"
      icons={{ error: <StateGlyph state="unhealthy" label="failed" /> }}
      toastOptions={{
        style: {
          background: 'var(--raised)',
          color: 'var(--text)',
          border: '1px solid var(--line-strong)',
          borderRadius: '6px',
          boxShadow: 'var(--shadow)',
          fontFamily: 'var(--font-sans)',
          fontVariantNumeric: 'normal',
          padding: '12px',
        },
        actionButtonStyle: { background: 'var(--accent)', color: 'var(--on-accent)', fontWeight: 500 },
      }}
    />
  )
}

/** Says that something was done; `undo` offers the way back for 10 s. */
export function told(message: string, undo?: { label?: string; run: () => void }): void {
  if (undo) show(message, { duration: 10_000, action: { label: undo.label ?? 'Undo', onClick: undo.run } })
  else show(message)
}

/** Says that something was not done, and why, for 10 s. */
export function failed(message: string): void {
  show.error(message, { duration: 10_000 })
}
