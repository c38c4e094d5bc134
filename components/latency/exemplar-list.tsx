'use client'

import { useMemo } from 'react'
import type { KeptExemplar } from '@/core/exemplar'
import { useHeldOrder } from '../services/use-held-order'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { formatMs } from '../ui/figure'
import { inPlace } from '../ui/in-place'
import { StateGlyph } from '../ui/state'
import { Table, Td, Th, Tr } from '../ui/table'
import { PARTS } from './parts'

/** Requests kept whole, each with its time as a bar of its parts; a row opens its trace. */
export function ExemplarList(props: {
  exemplars: readonly KeptExemplar[]
  /** changes when another list is asked for */
  asked: string
  open: string | null
  hrefOf: (traceId: string) => string
  onOpen: (traceId: string) => void
}) {
  const longest = props.exemplars.reduce((most, e) => Math.max(most, e.cut.totalMs), 0)
  const byKey = useMemo(() => new Map(props.exemplars.map((e) => [String(e.key), e])), [props.exemplars])
  const keys = useMemo(() => [...byKey.keys()], [byKey])
  const order = useHeldOrder(props.asked, keys)
  return (
    <div className="relative min-w-0" {...order.holding}>
      {order.waiting ? (
        <Button size="sm" className="absolute top-0.5 right-1 z-10" onClick={order.apply}>
          There are new ones: show
        </Button>
      ) : null}
      <Table label="Requests kept whole">
        <thead>
          <tr>
            <Th>Request</Th>
            <Th className="text-right">Took</Th>
            <Th className="w-1/3 min-w-28 sm:min-w-40">Where it went</Th>
            <Th>Outcome</Th>
            <Th className="text-right">When</Th>
          </tr>
        </thead>
        <tbody>
          {order.names
            .flatMap((key) => byKey.get(key) ?? [])
            .map((e) => (
              <Tr key={e.key} selected={props.open === e.traceId}>
                <Td className="max-w-40 sm:max-w-80">
                  <a
                    href={props.hrefOf(e.traceId)}
                    onClick={(event) => inPlace(event, () => props.onOpen(e.traceId))}
                    className="block truncate hover:underline"
                    title={`${e.caller} → ${e.callee} ${e.method} ${e.path}`}
                  >
                    {e.caller} → {e.callee}{' '}
                    <span className="mono text-muted">
                      {e.method} {e.route?.startsWith('/') ? e.route : e.path}
                    </span>
                  </a>
                </Td>
                <Td className="text-right font-medium">{formatMs(e.cut.totalMs)}</Td>
                <Td>
                  <PartsBar exemplar={e} longestMs={longest} />
                </Td>
                <Td>
                  <Outcome exemplar={e} />
                </Td>
                <Td className="text-right text-muted">
                  <Ago at={e.at} />
                </Td>
              </Tr>
            ))}
        </tbody>
      </Table>
    </div>
  )
}

function PartsBar({ exemplar, longestMs }: { exemplar: KeptExemplar; longestMs: number }) {
  const { cut } = exemplar
  const words = PARTS.filter((part) => cut[part.key] > 0)
    .map((part) => `${part.label.toLowerCase()} ${formatMs(cut[part.key])}`)
    .join(', ')
  return (
    <span className="block" title={words}>
      <span className="sr-only">{words}</span>
      <span
        aria-hidden
        className="flex h-2.5 overflow-hidden rounded-[2px]"
        style={{ width: `${Math.max(1, (100 * cut.totalMs) / (longestMs || 1))}%` }}
      >
        {PARTS.map((part) => (
          <i key={part.key} style={{ flexGrow: cut[part.key], flexBasis: 0, background: part.colour }} />
        ))}
      </span>
    </span>
  )
}

export function Outcome({ exemplar }: { exemplar: KeptExemplar }) {
  const { failed, status, error, attempts } = exemplar
  const tries = attempts.length > 1 ? `, ${attempts.length} attempts` : ''
  if (!failed) {
    return (
      <span className="text-muted">
        {status ?? 'given up'}
        {tries}
      </span>
    )
  }
  return (
    <span className="inline-flex max-w-56 items-center gap-1.5 text-unhealthy" title={error ?? undefined}>
      <StateGlyph state="unhealthy" size={10} />
      <span className="truncate">
        {status ?? 'no answer'}
        {tries}
      </span>
    </span>
  )
}
