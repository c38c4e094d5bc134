'use client'
import { Toaster as Base, toast as show } from 'sonner'

export function Toaster() {
  return (
    <Base
      position="bottom-right"
      toastOptions={{
        style: {
          background: 'var(--raised)',
          color: 'var(--text)',
          border: '1px solid var(--line)',
          borderRadius: '6px',
          fontFamily: 'inherit',
        },
      }}
    />
  )
}

/** Says that something was done; `undo` offers the way back for 10 s. */
export function told(message: string, undo?: { label?: string; run: () => void }): void {
  if (undo) show(message, { duration: 10_000, action: { label: undo.label ?? 'Undo', onClick: undo.run } })
  else show(message)
}

export function failed(message: string): void {
  show.error(message, { duration: 10_000 })
}
