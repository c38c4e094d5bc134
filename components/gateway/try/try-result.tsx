'use client'
import Link from 'next/link'
import type { ReactNode } from 'react'
import type { RequestTrace } from '@/core/gateway/view'
import { partOf, QUALITY_WORDS, SPAN_WORDS } from '../../latency/parts'
import { Section } from '../../services/section'
import { Figure, formatMs } from '../../ui/figure'
import { StateGlyph } from '../../ui/state'
import { CutTable } from '../cut-bar'
import { formatBytes, REFUSAL_WORDS, requestState, statusWord } from '../words'
import { bodyWord } from './form'
import { nested } from './steps'

export interface Tried {
  trace: RequestTrace
  response: { status: number; headers: [string, string][]; body: string; bytes: number; truncated: boolean }
}

/** What became of a request: its answer, the way it took through the chain, and where its time went. */
export function TryResult({ trace, response }: Tried) {
  const { cut, forwarded } = trace
  return (
    <div className="grid min-w-0 gap-6">
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        <Figure
          large
          label="Answer"
          value={
            <span className="inline-flex items-center gap-2">
              <StateGlyph state={requestState(trace)} size={11} />
              {statusWord(trace)}
            </span>
          }
          note={trace.refusal === null ? 'by the service' : `by the gateway: ${REFUSAL_WORDS[trace.refusal].word}`}
        />
        <Figure
          large
          label="Took"
          value={formatMs(cut.totalMs)}
          note={`${QUALITY_WORDS[cut.quality].label.toLowerCase()}, in the gateway`}
        />
        <Figure label="Route" value={trace.route ?? 'none'} note={trace.route === null ? 'no route takes it' : ''} />
        <Figure
          label="Answered by"
          value={trace.instance ?? 'nobody'}
          note={trace.attempts > 1 ? `after ${trace.attempts} attempts` : (trace.service ?? '')}
        />
      </div>
      {trace.error === null ? null : (
        <p className="rounded-md bg-warning-soft px-3 py-2 text-sm break-words text-warning">{trace.error}</p>
      )}
      <div className="grid min-w-0 grid-cols-1 items-start gap-6 xl:grid-cols-2">
        <Section title="Its way">
          <Steps trace={trace} />
        </Section>
        <Section title="Where the time went">
          <CutTable cut={cut} label="Parts of the tried request" />
          <Pieces trace={trace} />
        </Section>
      </div>
      <Section title="The answer">
        <Headers headers={response.headers} label="Headers of the answer" />
        {response.bytes === 0 ? (
          <p className="text-sm text-muted">It has no body.</p>
        ) : (
          <>
            <Text label="Body of the answer">{bodyWord(response.body)}</Text>
            <p className="text-xs text-muted">
              {formatBytes(response.bytes)}
              {response.truncated ? ', and more that is not shown' : ''}
            </p>
          </>
        )}
      </Section>
      {forwarded ? (
        <Section title="What the service was sent">
          <p className="text-sm">
            <span className="mono break-all">
              {forwarded.method} {forwarded.path}
            </span>{' '}
            <span className="text-muted">
              to {forwarded.instance} at {forwarded.address}
            </span>
          </p>
          <Headers headers={forwarded.headers} label="Headers that were forwarded" />
        </Section>
      ) : null}
      <p className="text-sm">
        <Link href={`/gateway/log?request=${encodeURIComponent(trace.id)}`} className="text-accent hover:underline">
          In the live log
        </Link>
        {trace.traceId === '' ? null : (
          <>
            {' · '}
            <Link href={`/latency/traces/${encodeURIComponent(trace.traceId)}`} className="text-accent hover:underline">
              Its trace across services
            </Link>
          </>
        )}
      </p>
    </div>
  )
}

/** Each step of the chain within the one that handed on to it, as bars on one scale. */
function Steps({ trace }: { trace: RequestTrace }) {
  const steps = nested(trace.steps)
  const total = Math.max(trace.cut.totalMs, ...steps.map(({ endMs }) => endMs)) || 1
  return (
    <ol aria-label="Steps of the request" className="grid min-w-0">
      {steps.map((step, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
        <li key={at} className="grid min-w-0 gap-1 border-b border-line py-1.5 text-sm last:border-b-0">
          <span className="flex min-w-0 items-baseline gap-2">
            <span
              className="min-w-0 shrink-0 truncate font-medium"
              style={{ paddingLeft: `${Math.min(10, step.depth) * 10}px` }}
            >
              {step.name}
            </span>
            <span className="min-w-0 flex-1 break-words text-xs text-muted">{step.did || 'passed it on'}</span>
            <span className="shrink-0 text-right text-xs text-muted" title="By itself, without what lies within it">
              own {formatMs(step.ownMs)}
            </span>
            <span className="w-16 shrink-0 text-right tabular-nums">
              {formatMs(Math.max(0, step.endMs - step.startMs))}
            </span>
          </span>
          <span aria-hidden className="relative block h-1.5 rounded-[2px] bg-sunken">
            <i
              className="absolute inset-y-0 min-w-0.5 rounded-[2px] bg-accent"
              style={{
                left: `${(100 * step.startMs) / total}%`,
                width: `${(100 * Math.max(0, step.endMs - step.startMs)) / total}%`,
              }}
            />
          </span>
        </li>
      ))}
    </ol>
  )
}

/** The pieces that the parts are the sum of, in order. */
function Pieces({ trace }: { trace: RequestTrace }) {
  const { spans = [] } = trace.cut
  return (
    <ul aria-label="Pieces in order" className="grid text-sm">
      {spans.map((span, at) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place
          key={at}
          className="grid grid-cols-[0.5rem_minmax(0,1fr)_auto_4.5rem] items-baseline gap-x-2 border-b border-line py-1"
        >
          <i aria-hidden className="size-2 rounded-[2px]" style={{ background: partOf(span.label).colour }} />
          <span>
            {SPAN_WORDS[span.label]}
            {span.attempt !== undefined && trace.attempts > 1 ? (
              <span className="text-muted"> (attempt {span.attempt + 1})</span>
            ) : null}
          </span>
          <span className="text-xs text-muted">at {formatMs(span.startMs)}</span>
          <span className="text-right">{formatMs(span.endMs - span.startMs)}</span>
        </li>
      ))}
    </ul>
  )
}

function Headers({ headers, label }: { headers: readonly (readonly [string, string])[]; label: string }) {
  return (
    <details>
      <summary className="cursor-default text-sm hover:text-accent">
        {headers.length === 1 ? '1 header' : `${headers.length} headers`}
      </summary>
      <dl className="mono mt-1 grid gap-0.5 text-xs" aria-label={label}>
        {headers.map(([name, value], at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a header may come more than once
          <div key={at} className="grid grid-cols-[minmax(0,11rem)_minmax(0,1fr)] gap-2">
            <dt className="text-muted break-all">{name}</dt>
            <dd className="break-all">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Text({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="max-h-96 overflow-auto rounded-md border border-line bg-sunken">
      <pre className="w-max min-w-full p-3 text-xs leading-5">{children}</pre>
    </section>
  )
}
