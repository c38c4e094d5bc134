'use client'
import { useMutation } from '@tanstack/react-query'
import type { CheckRun, Instance } from '@/core/instance'
import { useMay } from '../shell/session'
import { holdfastError, operation, useTRPC } from '../trpc'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { formatAge, formatMs } from '../ui/figure'
import { StateLabel } from '../ui/state'
import { failed, told } from '../ui/toast'
import { CHECK, checkWords } from './instance-words'
import { Section } from './section'

/** The check of an instance: what it does, what it said, and looking now. */
export function Checks(props: { instance: Instance; runs: readonly CheckRun[]; onChecked: () => void }) {
  const { instance, runs } = props
  const { may, why } = useMay('operator')
  const trpc = useTRPC()
  const check = useMutation(
    trpc.registry.check.mutationOptions({
      onSuccess: ({ result }) => {
        told(
          `Checked ${instance.id}: ${CHECK[result.status].word} after ${formatMs(result.durationMs)}${result.output === '' ? '' : `, ${result.output}`}`,
        )
        props.onChecked()
      },
      onError: (error) => failed(holdfastError(error).message),
    }),
  )
  if (!instance.check) return null
  return (
    <Section
      title="Check"
      aside={
        <Button
          size="sm"
          pending={check.isPending}
          disabled={!may}
          title={may ? undefined : why}
          onClick={() => check.mutate(operation({ id: instance.id }))}
        >
          Check now
        </Button>
      }
    >
      <p className="text-xs text-muted">{checkWords(instance.check)}.</p>
      {may ? null : <p className="text-xs text-muted">{why}</p>}
      {runs.length === 0 ? (
        <p className="text-sm text-muted">No result yet.</p>
      ) : (
        <ol className="grid">
          {runs.map((run) => (
            <Run key={`${run.fromAt}-${run.status}`} run={run} />
          ))}
        </ol>
      )}
    </Section>
  )
}

function Run({ run }: { run: CheckRun }) {
  const lasted = run.toAt - run.fromAt
  const durations =
    run.durationMinMs === run.durationMaxMs
      ? formatMs(run.durationMinMs)
      : `${formatMs(run.durationMinMs)} to ${formatMs(run.durationMaxMs)}`
  return (
    <li className="grid gap-0.5 border-b border-line py-1.5 text-sm last:border-b-0">
      <div className="flex justify-between gap-3">
        <StateLabel
          state={CHECK[run.status].state}
          word={`${CHECK[run.status].word}, ${run.count} ${run.count === 1 ? 'time' : 'times'}`}
        />
        <span className="shrink-0 text-xs text-muted">took {durations}</span>
      </div>
      <div className="text-xs text-muted">
        <Ago at={run.toAt} />
        {lasted > 0 ? `, for ${formatAge(lasted)}` : null}
        {run.output === '' ? null : <span className="mono break-words"> {run.output}</span>}
      </div>
    </li>
  )
}
