'use client'
import Link from 'next/link'
import type { ReactNode } from 'react'
import type { RequestEntry } from '@/core/gateway/view'
import { QUALITY_WORDS } from '../../latency/parts'
import { Section } from '../../services/section'
import { Ago } from '../../ui/ago'
import { buttonStyle } from '../../ui/button'
import { CopyButton } from '../../ui/copy-button'
import { Figure, formatCount, formatMs } from '../../ui/figure'
import { StateLabel } from '../../ui/state'
import { CutTable } from '../cut-bar'
import { tryHref } from '../try/form'
import { formatBytes, REFUSAL_WORDS, requestState, statusWord } from '../words'

/** All that is kept of one request. */
export function RequestDetail({ entry }: { entry: RequestEntry }) {
  const { cut, refusal } = entry
  return (
    <div className="grid gap-5">
      <div className="grid grid-cols-3 gap-3">
        <Figure large label="Status" value={statusWord(entry)} note={<Ago at={entry.at} />} />
        <Figure
          large
          label="Took"
          value={formatMs(cut.totalMs)}
          note={QUALITY_WORDS[cut.quality].label.toLowerCase()}
        />
        <Figure
          large
          label="Attempts"
          value={formatCount(entry.attempts)}
          note={entry.attempts === 0 ? 'nobody was asked' : ''}
        />
      </div>
      {refusal !== null || entry.error !== null ? (
        <div className="grid gap-1 rounded-md bg-warning-soft px-3 py-2 text-sm text-warning">
          {refusal === null ? null : (
            <StateLabel state={requestState(entry)} word={`Answered by the gateway: ${REFUSAL_WORDS[refusal].means}`} />
          )}
          {entry.error === null ? null : <p className="break-words">{entry.error}</p>}
        </div>
      ) : null}
      {entry.fault ? (
        <p className="rounded-md bg-operator-soft px-3 py-2 text-sm text-operator">
          A fault made on purpose did something to it.{' '}
          <Link href="/gateway/faults" className="underline">
            Faults
          </Link>
        </p>
      ) : null}
      <Section title="Where its time went">
        <CutTable cut={cut} label="Parts of the request" />
        <p className="text-xs text-muted">{QUALITY_WORDS[cut.quality].about}</p>
      </Section>
      <Section title="What it was">
        <dl className="grid gap-1.5 text-sm">
          <Line name="Request">
            <span className="mono break-all">
              {entry.method} {entry.path}
            </span>
          </Line>
          <Line name="Host">
            <span className="mono break-all">{entry.host || 'none'}</span>
          </Line>
          <Line name="Client">
            <span className="mono break-all">{entry.client}</span>
          </Line>
          <Line name="Route">
            {entry.route === null ? (
              'none takes it'
            ) : (
              <Link href={`/gateway?route=${encodeURIComponent(entry.route)}`} className="text-accent hover:underline">
                {entry.route}
              </Link>
            )}
          </Line>
          <Line name="Answered by">
            {entry.service === null || entry.instance === null ? (
              (entry.instance ?? 'nobody was asked')
            ) : (
              <Link
                href={`/services/${encodeURIComponent(entry.service)}?instance=${encodeURIComponent(entry.instance)}`}
                className="break-all text-accent hover:underline"
              >
                {entry.instance}
              </Link>
            )}
          </Line>
          <Line name="Body">
            {formatBytes(entry.bytesIn)} in, {formatBytes(entry.bytesOut)} out
          </Line>
          <Line name="Request id">
            <span className="mono break-all">{entry.id}</span> <CopyButton text={entry.id} label="the request id" />
          </Line>
          <Line name="Trace">
            {entry.traceId === '' ? (
              'none'
            ) : (
              <Link
                href={`/latency/traces/${encodeURIComponent(entry.traceId)}`}
                className="mono break-all text-accent hover:underline"
              >
                {entry.traceId}
              </Link>
            )}
          </Line>
        </dl>
      </Section>
      <div className="flex flex-wrap gap-2">
        <Link href={tryHref({ method: entry.method, path: entry.path, host: entry.host })} className={buttonStyle()}>
          Try such a request
        </Link>
      </div>
    </div>
  )
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[6rem_minmax(0,1fr)] gap-3">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  )
}
