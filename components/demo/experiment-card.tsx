'use client'
import { Check } from 'lucide-react'
import Link from 'next/link'
import { useEffect, useState } from 'react'
import type { Action } from '@/server/demo'
import { useMay } from '../shell/session'
import { Button } from '../ui/button'
import { cn } from '../ui/cn'
import { formatAge } from '../ui/figure'
import { advance, type Experiment, isDone, type Progress, type Seen } from './experiments'

/** One thing to try, and its steps as they are seen to happen. */
export function ExperimentCard(props: {
  experiment: Experiment
  seen: Seen
  act: (instance: string, action: Action) => void
}) {
  const { experiment, seen, act } = props
  const { may, why } = useMay('operator')
  const [progress, setProgress] = useState<Progress | null>(null)
  useEffect(() => {
    setProgress((before) => (before === null ? null : advance(experiment, before, seen)))
  }, [experiment, seen])
  const done = progress !== null && isDone(experiment, progress)
  const { undo } = experiment
  const mayUndo = undo !== null && progress !== null && progress.metAt.length >= undo.after && !done
  return (
    <section aria-label={experiment.title} className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-4">
      <div>
        <h3 className="font-semibold">{experiment.title}</h3>
        <p className="mt-1 text-sm text-muted">{experiment.teaches}</p>
      </div>
      <ol className="grid gap-1 text-sm">
        {experiment.steps.map((step, at) => {
          const metAt = progress?.metAt[at]
          const next = progress !== null && progress.metAt.length === at
          return (
            <li key={step.says} className={cn('flex gap-2', metAt === undefined && !next && 'text-faint')}>
              <span
                aria-hidden
                className={cn(
                  'mt-1 grid size-3.5 shrink-0 place-items-center rounded-full border',
                  metAt === undefined ? 'border-line-strong' : 'border-healthy bg-healthy text-surface',
                  next && 'animate-pulse border-accent',
                )}
              >
                {metAt === undefined ? null : <Check className="size-2.5" />}
              </span>
              <span>
                {step.says}
                {metAt === undefined || progress === null ? null : (
                  <span className="text-muted"> · after {formatAge(metAt - progress.startedAt)}</span>
                )}
              </span>
            </li>
          )
        })}
      </ol>
      <div className="mt-auto flex flex-wrap items-center gap-2">
        {mayUndo ? (
          <Button variant="primary" onClick={() => act(experiment.instance, undo.action)}>
            {undo.verb}
          </Button>
        ) : (
          <Button
            disabled={!may || (progress !== null && !done)}
            title={why}
            onClick={() => {
              setProgress({ startedAt: seen.now, metAt: [] })
              act(experiment.instance, experiment.action)
            }}
          >
            {progress === null ? experiment.verb : done ? `${experiment.verb} again` : 'Watching …'}
          </Button>
        )}
        <Link href="/" className="text-sm text-accent hover:underline">
          Watch it on the map
        </Link>
      </div>
    </section>
  )
}
