'use client'
import { useState } from 'react'
import type { RunSummary } from '@/core/saga/view'
import { useMay } from '../shell/session'
import { Button } from '../ui/button'
import { ConfirmDialog } from '../ui/confirm-dialog'
import { failed, told } from '../ui/toast'
import { type BatchKind, useBatch } from './use-batch'
import { isEnded } from './words'

const KINDS: { kind: BatchKind; action: string; will: string; danger?: boolean }[] = [
  { kind: 'pause', action: 'Pause', will: 'No further step begins in them; what is under way finishes first.' },
  { kind: 'resume', action: 'Continue', will: 'They go on by themselves from where they stand.' },
  {
    kind: 'retry',
    action: 'Retry',
    will: 'Every step and undo in them that waits for a person is tried again, under the same key.',
  },
  {
    kind: 'cancel',
    action: 'Cancel',
    will: 'Nothing further begins in them, and what is done is undone in reverse order. Those past their pivot refuse.',
    danger: true,
  },
  {
    kind: 'redrive',
    action: 'Redrive',
    will: 'Each gets a fork that goes on from the first step that has not come about, under new keys where something was undone.',
  },
]

/** What may be done to many runs at once. Each is asked for by itself, so that some may refuse. */
export function BatchBar({ runs, onDone }: { runs: readonly RunSummary[]; onDone: () => void }) {
  const { may, why } = useMay('operator')
  const batch = useBatch()
  const [open, setOpen] = useState(false)
  const [kind, setKind] = useState<(typeof KINDS)[number] | null>(null)
  const [done, setDone] = useState<number | null>(null)
  const fitting = (of: BatchKind) => runs.filter((run) => fits(run, of))
  const chosen = kind ? fitting(kind.kind) : []
  const many = (n: number) => (n === 1 ? '1 run' : `${n} runs`)
  return (
    <section
      aria-label="What to do with the runs chosen"
      className="sticky bottom-0 z-10 flex flex-wrap items-center gap-2 border-t border-line-strong bg-raised px-4 py-2 text-sm"
    >
      <span className="mr-2 font-medium" aria-live="polite">
        {done === null ? `${many(runs.length)} chosen` : `${done} of ${chosen.length} done…`}
      </span>
      {may ? (
        KINDS.map((one) => {
          const n = fitting(one.kind).length
          return (
            <Button
              key={one.kind}
              size="sm"
              variant={one.danger ? 'danger' : 'secondary'}
              disabled={n === 0 || done !== null}
              onClick={() => {
                setKind(one)
                setOpen(true)
              }}
            >
              {one.action} {n}
            </Button>
          )
        })
      ) : (
        <span className="text-xs text-muted">Looking only. {why}</span>
      )}
      <Button size="sm" variant="quiet" className="ml-auto" onClick={onDone}>
        Choose none
      </Button>
      {kind ? (
        <ConfirmDialog
          open={open}
          onOpenChange={setOpen}
          title={`${kind.action} ${many(chosen.length)}?`}
          action={`${kind.action} ${many(chosen.length)}`}
          danger={kind.danger ?? false}
          onConfirm={async ({ reason }) => {
            setDone(0)
            const result = await batch(kind.kind, chosen, reason, setDone)
            setDone(null)
            if (result.refused.length === 0) {
              told(`${kind.action}: ${many(result.done)}.`)
              onDone()
            } else {
              const [first] = result.refused
              failed(`${kind.action}: ${many(result.done)} done, ${result.refused.length} refused. ${first}`)
            }
          }}
        >
          <div className="grid gap-1.5">
            <p>{kind.will}</p>
            {chosen.length < runs.length ? (
              <p>
                {runs.length - chosen.length} of the {runs.length} chosen are left out: it makes no sense in their
                state.
              </p>
            ) : null}
          </div>
        </ConfirmDialog>
      ) : null}
    </section>
  )
}

function fits(run: RunSummary, kind: BatchKind): boolean {
  if (kind === 'redrive') return isEnded(run.status) && run.status !== 'succeeded'
  if (isEnded(run.status)) return false
  if (kind === 'pause') return run.status !== 'paused'
  if (kind === 'resume') return run.status === 'paused'
  if (kind === 'retry') return run.status === 'stuck' || run.current.some(({ status }) => status === 'backoff')
  return run.direction === 'forward'
}
