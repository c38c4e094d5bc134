'use client'
import Link from 'next/link'
import type { RunView } from '@/core/saga/view'
import { Section } from '../services/section'
import { Ago } from '../ui/ago'
import { helpFor } from './acts'
import { Glyph } from './glyph'
import { JsonView } from './json-view'
import { PlanView } from './plan-view'
import { RelatedList } from './related-list'
import { Acts } from './step-panel'
import type { Related } from './use-related'
import { isEnded, phaseWord } from './words'

/** Beside the lanes while no step is chosen. */
export function RunAside(props: { run: RunView; past: boolean; related: Related }) {
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
export function RunAbout({ run, past, related }: { run: RunView; past: boolean; related: Related }) {
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
          <RelatedList word="child at" runs={related.children} stepOf={(one) => one.parent?.step} />
          <RelatedList word="fork at" runs={related.forks} stepOf={(one) => one.redriveOf?.step} />
        </Section>
      ) : null}
      {run.signalsKept.length > 0 ? (
        <Section title="Signals that nobody took yet">
          <ul className="grid gap-1 text-sm">
            {run.signalsKept.map(({ signal, at }) => (
              <li key={`${signal}${at}`}>
                {signal}{' '}
                <span className="text-xs text-muted">
                  came <Ago at={at} />
                </span>
              </li>
            ))}
          </ul>
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
