'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { Breakpoint } from '@/core/saga/event'
import { place } from '@/core/saga/sentence'
import type { DefinitionView } from '@/core/saga/view'
import { Section } from '../services/section'
import { useMay } from '../shell/session'
import { holdfastError, operation, useTRPCClient } from '../trpc'
import { Button } from '../ui/button'
import { ConfirmDialog } from '../ui/confirm-dialog'
import { told } from '../ui/toast'
import { StartBreakpoints } from './start-breakpoints'

/** Where all later runs of a saga stop. */
export function DefinitionBreakpoints(props: { definition: DefinitionView; breakpoints: readonly Breakpoint[] }) {
  const { definition } = props
  const client = useTRPCClient()
  const router = useRouter()
  const { may, why } = useMay('operator')
  const [draft, setDraft] = useState<Pick<Breakpoint, 'step' | 'at'>[] | null>(null)
  const [open, setOpen] = useState(false)
  const now = draft ?? props.breakpoints
  return (
    <Section title="Where later runs stop">
      <p className="text-sm text-muted">
        {now.length === 0
          ? 'Nowhere. A breakpoint set here holds for every run that is started from now on.'
          : `${now.map(place).join(', ')}${draft ? ', not kept yet' : ''}.`}
      </p>
      {may ? (
        <div className="grid max-w-xl gap-2">
          <StartBreakpoints steps={definition.steps} breakpoints={now} onChange={setDraft} />
          {draft ? (
            <div className="flex gap-2">
              <Button variant="primary" onClick={() => setOpen(true)}>
                Keep these breakpoints
              </Button>
              <Button variant="quiet" onClick={() => setDraft(null)}>
                As they were
              </Button>
            </div>
          ) : null}
        </div>
      ) : (
        <p className="text-xs text-muted">Looking only. {why}</p>
      )}
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Change where later runs of ${definition.name} stop?`}
        action="Keep these breakpoints"
        onConfirm={async ({ reason }) => {
          try {
            await client.sagas.setDefinitionBreakpoints.mutate(
              operation({
                name: definition.name,
                breakpoints: now.map(({ step, at }) => ({ step, at, once: false })),
                reason,
              }),
            )
          } catch (error) {
            throw new Error(holdfastError(error).message)
          }
          told(`Later runs of ${definition.name} stop at ${now.length} ${now.length === 1 ? 'place' : 'places'}.`)
          setDraft(null)
          router.refresh()
        }}
      >
        <p>
          Every run started from now on pauses there and waits for a person. Runs under way keep the breakpoints they
          have.
        </p>
      </ConfirmDialog>
    </Section>
  )
}
