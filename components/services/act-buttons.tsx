'use client'
import { useState } from 'react'
import { useMay } from '../shell/session'
import { Button } from '../ui/button'
import { ConfirmDialog } from '../ui/confirm-dialog'
import type { Act } from './acts'

/** A button an act; each asks before it acts. Who may not act is told why instead. */
export function ActButtons({ acts, size = 'md' }: { acts: Act[]; size?: 'sm' | 'md' }) {
  const { may, why } = useMay('operator')
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState<Act | null>(null)
  if (acts.length === 0) return null
  if (!may) return <p className="text-xs text-muted">Looking only. {why}</p>
  return (
    <div className="flex flex-wrap gap-2">
      {acts.map((act) => (
        <Button
          key={act.action}
          size={size}
          variant={act.danger ? 'danger' : 'secondary'}
          onClick={() => {
            setChosen(act)
            setOpen(true)
          }}
        >
          {act.action}
        </Button>
      ))}
      {chosen ? (
        <ConfirmDialog
          open={open}
          onOpenChange={setOpen}
          title={chosen.title}
          action={chosen.action}
          danger={chosen.danger ?? false}
          expiry={chosen.expiry ?? false}
          onConfirm={chosen.run}
        >
          <div className="grid gap-1.5">
            {chosen.lines.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </div>
        </ConfirmDialog>
      ) : null}
    </div>
  )
}
