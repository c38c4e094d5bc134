'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import type { RunSummary, RunView } from '@/core/saga/view'
import { Section } from '../services/section'
import { useTRPC } from '../trpc'
import { Ago } from '../ui/ago'
import { helpFor } from './acts'
import { Glyph, MarkLabel } from './glyph'
import { JsonView } from './json-view'
import { PlanView } from './plan-view'
import type { RunDetails } from './run-page'
import { Acts } from './step-panel'
import { isEnded, phaseWord, RUN_MARKS, runHref } from './words'

/** Beside the lanes while no step is chosen. */
export function RunAside(props: { run: RunView; past: boolean; details: RunDetails }) {
  return (
    <aside
      aria-label="About the run"
      className="hidden w-80 shrink-0 overflow-y-auto border-l border-line bg-surface px-4 py-3 lg:block xl:w-[22rem]"
    >
      <RunAbout {...props} />
    </aside>
  )
}

/** What helps, what would be undone, what went in, what is related. */
export function RunAbout({ run, past, details }: { run: RunView; past: boolean; details: RunDetails }) {
  const trpc = useTRPC()
  // Forks and children come while the page is open.
  const { data } = useQuery(
    trpc.sagas.get.queryOptions({ data: { runId: run.id } }, { initialData: details as never, staleTime: 5_000 }),
  )
  const related = (data ?? details) as unknown as RunDetails
  const help = past ? [] : helpFor(run)
  return (
    <div className="grid gap-5">
      {help.length > 0 ? (
        <Section title="What would help">
          <ul className="grid gap-3">
            {help.map(({ step, phase, acts }) => {
              const lane = run.lanes.find(({ name }) => name === step)
              return lane ? (
                <li key={`${step}/${phase}`} className="grid gap-1.5">
                  <p className="flex items-center gap-2 text-sm">
                    <Glyph shape="diamond" tone="unhealthy" size={13} /> {phaseWord(phase, step)}
                  </p>
                  <Acts run={run} step={lane} phase={phase} acts={acts} />
                </li>
              ) : null
            })}
          </ul>
        </Section>
      ) : null}
      {isEnded(run.status) ? null : (
        <Section title={run.direction === 'backward' ? 'Still to be undone' : 'If this fails now'}>
          <PlanView run={run} />
        </Section>
      )}
      <Section title="Input of the run">
        <JsonView label="Input" value={run.input} />
      </Section>
      {related.children.length > 0 || related.forks.length > 0 ? (
        <Section title="Related runs">
          <Related word="child at" runs={related.children} stepOf={(one) => one.parent?.step} />
          <Related word="fork at" runs={related.forks} stepOf={(one) => one.redriveOf?.step} />
        </Section>
      ) : null}
      <Section title="Elsewhere">
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
          <Link
            className="text-accent hover:underline"
            href={`/journal?key=${encodeURIComponent(`saga/${run.id}`)}`}
            prefetch={false}
          >
            In the journal
          </Link>
          <Link
            className="text-accent hover:underline"
            href={`/journal/audit?target=${encodeURIComponent(`saga/${run.id}`)}`}
            prefetch={false}
          >
            Audit trail
          </Link>
        </p>
      </Section>
    </div>
  )
}

function Related(props: { word: string; runs: RunSummary[]; stepOf: (run: RunSummary) => string | undefined }) {
  return (
    <ul className="grid gap-1 text-sm">
      {props.runs.map((one) => (
        <li key={one.id} className="flex flex-wrap items-center gap-x-2">
          <MarkLabel mark={RUN_MARKS[one.status]} className="text-xs" />
          <Link href={runHref(one.id)} className="mono text-xs text-accent hover:underline" prefetch={false}>
            {one.id}
          </Link>
          <span className="text-xs text-muted">
            {props.word} {props.stepOf(one)}, <Ago at={one.startedAt} />
          </span>
        </li>
      ))}
    </ul>
  )
}
