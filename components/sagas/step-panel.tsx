'use client'
import Link from 'next/link'
import type { Breakpoint, Phase } from '@/core/saga/event'
import type { DefinitionView, LaneView, RunSummary, RunView, StepView } from '@/core/saga/view'
import { actorWords } from '../journal/names'
import { Section } from '../services/section'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { CopyButton } from '../ui/copy-button'
import { Segmented } from '../ui/segmented'
import { useActing } from './acting'
import { type Act, actsOn, meaningOf } from './acts'
import { AttemptList } from './attempt-list'
import { Glyph, MarkLabel } from './glyph'
import { RelatedList } from './related-list'
import { StepProgress } from './step-progress'
import { StepValues } from './step-values'
import { actionWords, laneOf, markOf, runHref } from './words'
import { WorkerName } from './worker-name'

/** One half of a step: its state, what may be done about it, what went in and came out, every attempt. */
export function StepPanel(props: {
  run: RunView
  definition: DefinitionView
  /** runs that were started for this step */
  childRuns: RunSummary[]
  step: StepView
  phase: Phase
  onPhase: (phase: Phase) => void
  /** an earlier moment is looked at: nothing can be done there */
  past: boolean
}) {
  const { run, definition, childRuns, step, phase, past } = props
  const lane = laneOf(step, phase)
  const phases: { value: Phase; label: string }[] = [
    { value: 'do', label: 'Do' },
    ...(step.hasUndo ? [{ value: 'undo' as const, label: 'Undo' }] : []),
    ...(step.probe ? [{ value: 'probe' as const, label: 'Probe' }] : []),
  ]
  if (!lane) return <p className="text-sm text-muted">It has no {phase}.</p>
  return (
    <div className="grid gap-5">
      <div className="grid gap-2">
        {phases.length > 1 ? (
          <Segmented
            label="Which half"
            options={phases}
            value={phase}
            onChange={props.onPhase}
            className="justify-self-start"
          />
        ) : null}
        <div className="flex flex-wrap items-center justify-between gap-2">
          <MarkLabel mark={markOf(step, phase)} className="text-base font-medium" />
          <span className="text-xs text-muted">
            since <Ago at={lane.since} />
          </span>
        </div>
        {step.description !== '' && phase === 'do' ? <p className="text-sm text-muted">{step.description}</p> : null}
        <Why lane={lane} />
        {!past && lane.status === 'leased' ? <StepProgress runId={run.id} step={step.name} phase={phase} /> : null}
        {past || phase === 'probe' ? null : <Acts run={run} step={step} phase={phase} />}
      </div>
      {past || phase === 'probe' ? null : <Breaks run={run} step={step} phase={phase} />}
      <Section title="Values">
        <StepValues run={run} definition={definition} step={step} phase={phase} lane={lane} />
      </Section>
      {childRuns.length > 0 ? (
        <Section title="Its runs">
          <RelatedList word="child at" runs={childRuns} stepOf={(one) => one.parent?.step} />
        </Section>
      ) : null}
      <Section title="Attempts">
        <AttemptList lane={lane} />
      </Section>
      <Section title="About it">
        <About step={step} lane={lane} />
      </Section>
    </div>
  )
}

function Why({ lane }: { lane: LaneView<string> }) {
  return (
    <>
      {lane.error ? (
        <div className="rounded-md bg-unhealthy-soft px-3 py-2 text-sm">
          <p className="mono text-xs font-medium text-unhealthy">{lane.error.code}</p>
          <p className="break-words">{lane.error.message}</p>
          {lane.error.details === undefined ? null : (
            <pre className="mt-1 overflow-x-auto text-xs text-muted">{JSON.stringify(lane.error.details, null, 2)}</pre>
          )}
        </div>
      ) : null}
      {lane.maybe && lane.status !== 'succeeded' ? (
        <p className="text-sm text-muted">An attempt of it ended without an answer: it may have happened.</p>
      ) : null}
      {lane.waitFor?.type === 'child' ? (
        <p className="text-sm">
          Waits for the run{' '}
          <Link href={runHref(lane.waitFor.runId)} className="mono text-xs text-accent hover:underline">
            {lane.waitFor.runId}
          </Link>
        </p>
      ) : lane.waitFor?.type === 'timer' ? (
        <p className="text-sm">
          Its timer ends <Ago at={lane.waitFor.dueAt} />.
        </p>
      ) : lane.waitFor?.type === 'signal' ? (
        <p className="text-sm">Waits for the signal “{lane.waitFor.signal}”.</p>
      ) : null}
      {lane.retryAt !== null ? (
        <p className="text-sm">
          The next attempt begins <Ago at={lane.retryAt} />.
        </p>
      ) : null}
      {lane.by ? (
        <p className="flex items-start gap-2 text-sm text-operator">
          <Glyph shape="hexagon" tone="operator" size={12} className="mt-1" />
          <span>
            {actorWords(lane.by.actor)} ({lane.by.action}): {lane.by.reason}
          </span>
        </p>
      ) : null}
    </>
  )
}

/** Buttons of what may be done to one half of a step. */
export function Acts(props: { run: RunView; step: StepView; phase: 'do' | 'undo'; acts?: Act[] }) {
  const { run, step, phase } = props
  const { may, why, act } = useActing()
  const acts = props.acts ?? actsOn(step, phase, run)
  if (acts.length === 0) return null
  if (!may) return <p className="text-xs text-muted">Looking only. {why}</p>
  return (
    <div className="flex flex-wrap gap-2">
      {acts.map((one) => (
        <Button
          key={one.kind}
          size="sm"
          variant={meaningOf(one, run).danger ? 'danger' : 'secondary'}
          onClick={() => act(one)}
        >
          {ACT_WORDS[one.kind] ?? one.kind}
        </Button>
      ))}
    </div>
  )
}

export const ACT_WORDS: Partial<Record<Act['kind'], string>> = {
  retry: 'Retry',
  skip: 'Skip',
  edit: 'Edit the input',
  resolve: 'Resolve',
  force: 'Force',
  waive: 'Waive',
  redrive: 'Redrive from here',
  signal: 'Send the signal',
}

const BREAK_WORDS: Record<Breakpoint['at'], string> = {
  before: 'Before',
  after: 'After',
  error: 'On an error',
  undo: 'Before the undo',
}

function Breaks({ run, step, phase }: { run: RunView; step: StepView; phase: 'do' | 'undo' }) {
  const { may, act } = useActing()
  if (!may || run.endedAt !== null) return null
  const sides: Breakpoint['at'][] = phase === 'do' ? ['before', 'after', 'error'] : ['undo']
  const isOn = (at: Breakpoint['at']) => run.breakpoints.some((b) => b.step === step.name && b.at === at)
  return (
    <fieldset className="flex flex-wrap items-center gap-1.5">
      <legend className="mb-1.5 text-xs font-medium text-muted">Stop here</legend>
      {sides.map((at) => (
        <Button
          key={at}
          size="sm"
          variant={isOn(at) ? 'secondary' : 'quiet'}
          aria-pressed={isOn(at)}
          className={isOn(at) ? 'border-operator text-operator' : ''}
          onClick={() => act({ kind: isOn(at) ? 'clearBreakpoint' : 'setBreakpoint', step: step.name, at })}
        >
          <Glyph shape={isOn(at) ? 'hexagon' : 'hexagon-open'} tone={isOn(at) ? 'operator' : 'muted'} size={12} />
          {BREAK_WORDS[at]}
        </Button>
      ))}
      {run.paused && run.next.some((next) => next.step === step.name && next.phase === phase) ? (
        <Button size="sm" variant="quiet" onClick={() => act({ kind: 'step', step: step.name, phase })}>
          Step over this
        </Button>
      ) : null}
      {phase === 'do' && step.do.status === 'pending' && run.paused ? (
        <Button size="sm" variant="quiet" onClick={() => act({ kind: 'continue', until: step.name })}>
          Run to here
        </Button>
      ) : null}
    </fieldset>
  )
}

function About({ step, lane }: { step: StepView; lane: LaneView<string> }) {
  const { action } = step
  return (
    <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-sm">
      <dt className="text-muted">Carried out by</dt>
      <dd className="mono text-xs leading-5 break-words">{actionWords(action)}</dd>
      {lane.worker ? (
        <>
          <dt className="text-muted">Held by</dt>
          <dd>
            <WorkerName worker={lane.worker} />
          </dd>
        </>
      ) : null}
      <dt className="text-muted">Key</dt>
      <dd className="flex min-w-0 items-center gap-1">
        <span className="mono min-w-0 flex-1 truncate text-xs" title={lane.key}>
          {lane.key}
        </span>
        <CopyButton text={lane.key} label="key" />
      </dd>
      <dt className="text-muted">Kind</dt>
      <dd>{step.kind}</dd>
      {step.after.length > 0 ? (
        <>
          <dt className="text-muted">After</dt>
          <dd>{step.after.join(', ')}</dd>
        </>
      ) : null}
      {action.type === 'http' ? (
        <>
          <dt className="text-muted">Service</dt>
          <dd className="flex flex-wrap gap-x-3">
            <Link className="text-accent hover:underline" href={`/services/${encodeURIComponent(action.service)}`}>
              {action.service}
            </Link>
            <Link className="text-accent hover:underline" href={`/breakers?q=${encodeURIComponent(action.service)}`}>
              its breakers
            </Link>
          </dd>
        </>
      ) : null}
      <dt className="text-muted">Locks</dt>
      <dd>
        <Link className="text-accent hover:underline" href={`/locks?q=${encodeURIComponent(lane.key)}`}>
          held under its key
        </Link>
      </dd>
    </dl>
  )
}
