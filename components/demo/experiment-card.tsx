'use client'
import { Check } from 'lucide-react'
import { useMay } from '../shell/session'
import { Button } from '../ui/button'
import { cn } from '../ui/cn'
import { type Experiment, isDone, type Progress } from './experiments'

/** One experiment: what it teaches, the button that begins it, and what is to be seen, ticked off as it is seen. */
export function ExperimentCard(props: {
  experiment: Experiment
  progress: Progress | undefined
  busy: boolean
  onBegin: () => void
  onUndo: () => void
  onForget: () => void
}) {
  const { experiment, progress, busy } = props
  const { may } = useMay('operator')
  const done = progress !== undefined && isDone(experiment, progress)
  const undo = experiment.undo
  const canUndo = progress && undo && progress.metAt.length <= undo.after && !done
  return (
    <li className="grid gap-2 border-t border-line py-3 first:border-t-0 first:pt-0">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">{experiment.title}</h3>
        {progress === undefined ? (
          <Button size="sm" onClick={props.onBegin} disabled={!may} pending={busy}>
            {experiment.verb}
          </Button>
        ) : canUndo ? (
          <Button size="sm" onClick={props.onUndo} disabled={!may} pending={busy}>
            {undo.verb}
          </Button>
        ) : (
          <Button size="sm" variant="quiet" onClick={props.onForget}>
            {done ? 'Clear' : 'Stop watching'}
          </Button>
        )}
      </div>
      <p className="text-sm text-muted">{experiment.teaches}</p>
      {progress ? <Steps experiment={experiment} progress={progress} /> : null}
    </li>
  )
}

function Steps({ experiment, progress }: { experiment: Experiment; progress: Progress }) {
  const next = progress.metAt.length
  return (
    <ol className="grid gap-1.5 text-sm" aria-live="polite" aria-label={`What to see: ${experiment.title}`}>
      {experiment.steps.map(({ says }, index) => {
        const at = progress.metAt[index]
        return (
          <li key={says} className={cn('grid grid-cols-[1rem_1fr_auto] gap-2', index > next && 'text-faint')}>
            <Mark state={at !== undefined ? 'met' : index === next ? 'next' : 'later'} />
            <span>{says}</span>
            <span className="text-xs leading-5 text-muted tabular-nums">
              {at !== undefined ? `after ${((at - progress.startedAt) / 1000).toFixed(1)} s` : ''}
            </span>
          </li>
        )
      })}
    </ol>
  )
}

function Mark({ state }: { state: 'met' | 'next' | 'later' }) {
  if (state === 'met') return <Check className="mt-0.5 size-4 text-healthy" aria-label="seen" />
  return (
    <span
      role="img"
      aria-label={state === 'next' ? 'watching for it' : 'later'}
      className={cn(
        'mt-1 ml-0.5 size-3 rounded-full border-2',
        state === 'next' ? 'border-accent motion-safe:animate-pulse' : 'border-line-strong',
      )}
    />
  )
}
