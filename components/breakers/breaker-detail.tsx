'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useEffect, useState } from 'react'
import { BREAKER_CONFIG_KEYS, type ConfigSource } from '@/core/breaker-config'
import type { BreakerTile, BreakerView } from '@/core/breaker-view'
import { ActButtons } from '../services/act-buttons'
import { Section } from '../services/section'
import { holdfastError, useTRPC } from '../trpc'
import { Ago, useNow } from '../ui/ago'
import { Figure, formatAge, formatCount, formatRate, formatShare } from '../ui/figure'
import { Skeleton } from '../ui/skeleton'
import { StateLabel } from '../ui/state'
import { Table, Td, Th, Tr } from '../ui/table'
import { useBreakerActs } from './acts'
import { type Range, Strip } from './strip'
import { causeWord, shown } from './words'

/** What is read anew when the tile has changed, at most so often. */
const RENEW_MS = 700

/** All there is to know of one breaker. `tile`: as the stream has it. */
export function BreakerDetail({ name, tile }: { name: string; tile: BreakerTile | undefined }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const options = trpc.breakers.get.queryOptions({ data: { name } })
  const { queryKey } = options
  const { data, error } = useQuery(options)
  const [range, setRange] = useState<Range>('15m')
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the tile is what asks for it
  useEffect(() => {
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey }), RENEW_MS)
    return () => clearTimeout(timer)
  }, [tile])
  if (error) return <p className="text-sm text-muted">{holdfastError(error).message}</p>
  if (!data) return <Skeleton className="h-64" />
  const { breaker } = data
  return (
    <div className="grid gap-6">
      <Acts breaker={breaker} />
      <Section title="Why">
        <p className="text-sm">
          {shown(breaker).word} since <Ago at={breaker.since} />: {causeWord(breaker)}
          {breaker.cause.who === 'fleet' ? '' : ` (${breaker.cause.who})`}
        </p>
        {breaker.override ? <OverrideNote breaker={breaker} /> : null}
        {breaker.nextProbeAt !== null ? <NextProbe at={breaker.nextProbeAt} /> : null}
        {breaker.halfOpen ? (
          <p className="text-sm text-muted">
            {breaker.halfOpen.successes} of {breaker.halfOpen.needed} probes have succeeded;{' '}
            {breaker.halfOpen.permits.length} in flight.
          </p>
        ) : null}
        {breaker.held ? (
          <p className="text-sm text-muted">It stays closed all the same: {breaker.held.detail}</p>
        ) : null}
      </Section>
      <Section title="The window now">
        <div className="grid grid-cols-3 gap-3">
          <Figure
            label="Calls"
            value={breaker.figures.calls === 0 ? 'none' : formatCount(breaker.figures.calls)}
            note={`at least ${breaker.config.minimumCalls} count`}
          />
          <Figure
            label="Failed"
            value={formatShare(breaker.figures.failureRate)}
            note={
              breaker.config.failureRateThreshold === null
                ? 'not looked at'
                : `opens at ${formatShare(breaker.config.failureRateThreshold)}`
            }
          />
          <Figure
            label="Slow"
            value={formatShare(breaker.figures.slowRate)}
            note={
              breaker.config.slowRateThreshold === null
                ? 'not looked at'
                : `opens at ${formatShare(breaker.config.slowRateThreshold)}`
            }
          />
          <Figure
            label="Rate"
            value={formatRate(breaker.figures.ratePerSec)}
            note={breaker.figures.ageMs === null ? 'no report yet' : `${formatAge(breaker.figures.ageMs)} old`}
          />
          <Figure label="Refused" value={formatRate(breaker.figures.refusedPerSec)} />
          <Figure
            label="See it failing"
            value={`${breaker.figures.callersFailing} of ${breaker.figures.callersReporting}`}
            note={`opens at ${formatShare(breaker.config.quorum)} of them`}
          />
        </div>
      </Section>
      <Section title="States over time">
        <Strip name={name} seq={breaker.seq} range={range} onRange={setRange} />
      </Section>
      <Section title={`Callers: ${breaker.rollout.have} of ${breaker.rollout.of} have the last change`}>
        {breaker.callers.length === 0 ? (
          <p className="text-sm text-muted">Nobody has called through it lately.</p>
        ) : (
          <Table label="Callers and their view of it" height="18rem">
            <thead>
              <tr>
                <Th>Caller</Th>
                <Th>Sees</Th>
                <Th className="text-right">Calls</Th>
                <Th className="text-right">Failed</Th>
                <Th className="text-right">Refused</Th>
                <Th className="text-right">Report</Th>
              </tr>
            </thead>
            <tbody>
              {breaker.callers.map((caller) => (
                <Tr key={caller.caller}>
                  <Td>
                    {caller.caller}
                    {caller.has ? null : <span className="ml-2 text-xs text-warning">not yet told</span>}
                  </Td>
                  <Td>
                    <StateLabel state={caller.localState} />
                  </Td>
                  <Td className="text-right tabular-nums">{caller.calls}</Td>
                  <Td className="text-right tabular-nums">{caller.failures}</Td>
                  <Td className="text-right tabular-nums">{formatRate(caller.refusedPerSec)}</Td>
                  <Td className="text-right tabular-nums">{formatAge(caller.lastReportAgeMs)}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
      </Section>
      <Section title="Settings in force">
        <Settings breaker={breaker} />
      </Section>
      {breaker.service ? (
        <p className="text-sm">
          <Link href={`/services/${encodeURIComponent(breaker.service)}`} className="text-accent hover:underline">
            The service {breaker.service}
          </Link>
        </p>
      ) : null}
    </div>
  )
}

function Acts({ breaker }: { breaker: BreakerView }) {
  return <ActButtons acts={useBreakerActs(breaker)} size="sm" />
}

function OverrideNote({ breaker: { override, state } }: { breaker: BreakerView }) {
  if (!override) return null
  return (
    <p className="text-sm text-operator">
      {override.by}: {override.reason}.{' '}
      {override.expiresAt === null ? (
        'Until it is lifted'
      ) : (
        <>
          Ends <Ago at={override.expiresAt} />
        </>
      )}
      ; underneath it is {state}.
    </p>
  )
}

function NextProbe({ at }: { at: number }) {
  const now = useNow()
  const left = now === null ? null : at - now
  return (
    <p className="text-sm text-muted" suppressHydrationWarning>
      {left === null || left <= 0
        ? 'Probes are let through with the next call.'
        : `Probes are let through in ${formatAge(left)}.`}
    </p>
  )
}

const SOURCE: Record<ConfigSource, string> = {
  default: 'built in',
  client: 'code of callers',
  'control-plane': 'set here',
}

function Settings({ breaker: { config, sources } }: { breaker: BreakerView }) {
  return (
    <Table label="All settings and where each comes from" height="18rem">
      <thead>
        <tr>
          <Th>Setting</Th>
          <Th className="text-right">Value</Th>
          <Th>From</Th>
        </tr>
      </thead>
      <tbody>
        {BREAKER_CONFIG_KEYS.map((key) => (
          <Tr key={key}>
            <Td className="font-mono text-xs">{key}</Td>
            <Td className="text-right tabular-nums">{config[key] === null ? 'not looked at' : String(config[key])}</Td>
            <Td className={sources[key] === 'default' ? 'text-muted' : ''}>{SOURCE[sources[key]]}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
