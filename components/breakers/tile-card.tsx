'use client'
import Link from 'next/link'
import { memo } from 'react'
import type { BreakerTile } from '@/core/breaker-view'
import { Sparkline } from '../charts/sparkline'
import { cn } from '../ui/cn'
import { formatRate, formatShare } from '../ui/figure'
import { inPlace } from '../ui/in-place'
import { StateLabel, stateColour } from '../ui/state'
import { causeWord, shown } from './words'

const STEP_MS = 1_000

/** One breaker at a glance: its state, its figures against their thresholds, and the last minute. */
export const TileCard = memo(function TileCard(props: {
  tile: BreakerTile
  href: string
  open: boolean
  onOpen: (name: string) => void
}) {
  const { tile } = props
  const { figures, thresholds, rollout } = tile
  const { state, word } = shown(tile)
  const quiet = figures.calls === 0
  return (
    <li
      className={cn(
        'relative grid content-start gap-2 rounded-md border border-line bg-surface px-3 py-2.5 transition-colors duration-150 hover:border-line-strong',
        props.open && 'border-accent bg-accent-soft hover:border-accent',
      )}
    >
      <div className="flex items-start justify-between gap-2">
        <StateLabel state={state} word={word} className="text-sm" />
        <span className="text-xs text-muted tabular-nums">{quiet ? 'no traffic' : formatRate(figures.ratePerSec)}</span>
      </div>
      <Link
        href={props.href}
        scroll={false}
        prefetch={false}
        onClick={(event) => inPlace(event, () => props.onOpen(tile.name))}
        aria-current={props.open ? 'true' : undefined}
        title={tile.name}
        className="truncate text-sm font-semibold after:absolute after:inset-0 hover:underline"
      >
        {tile.name}
      </Link>
      <dl className="grid grid-cols-2 gap-x-3 text-xs text-muted">
        <Measure
          label="failed"
          share={figures.failureRate}
          threshold={thresholds.failureRateThreshold}
          waiting={figures.calls < thresholds.minimumCalls}
        />
        {thresholds.slowRateThreshold === null ? (
          <div>
            <dt>in the window</dt>
            <dd className="text-text tabular-nums">{quiet ? 'no calls' : `${figures.calls} calls`}</dd>
          </div>
        ) : (
          <Measure
            label="slow"
            share={figures.slowRate}
            threshold={thresholds.slowRateThreshold}
            waiting={figures.calls < thresholds.minimumCalls}
          />
        )}
      </dl>
      <Sparkline
        samples={samples(tile.spark.failureRate)}
        stepMs={STEP_MS}
        fromMs={0}
        toMs={60 * STEP_MS}
        max={1}
        width={200}
        height={22}
        colour={stateColour(tile.effective === 'closed' ? 'closed' : 'open')}
      />
      <p className="truncate text-xs text-muted" title={causeWord(tile)}>
        {figures.refusedPerSec > 0 ? `${formatRate(figures.refusedPerSec)} refused, ` : ''}
        {rollout.of === 0 ? 'no caller just now' : `${rollout.have} of ${rollout.of} have it`}
      </p>
    </li>
  )
})

/** The share failed in each of the last sixty seconds; a gap where nothing was called. */
function samples(rates: readonly (number | null)[]) {
  const begin = 60 - rates.length
  return rates.map((value, i) => ({ at: (begin + i) * STEP_MS, value }))
}

/** A share against its threshold: a bar with a mark, and both in figures. */
function Measure(props: { label: string; share: number | null; threshold: number | null; waiting: boolean }) {
  const { share, threshold } = props
  const over = share !== null && threshold !== null && share >= threshold && !props.waiting
  return (
    <div>
      <dt>{props.label}</dt>
      <dd className="grid gap-1">
        <span className={cn('tabular-nums', over ? 'font-semibold text-unhealthy' : 'text-text')}>
          {share === null ? '–' : formatShare(share)}
          <span className="font-normal text-muted">{threshold === null ? '' : ` of ${formatShare(threshold)}`}</span>
        </span>
        <span aria-hidden className="relative h-1 rounded-full bg-line">
          <span
            className={cn('absolute inset-y-0 left-0 rounded-full', over ? 'bg-unhealthy' : 'bg-undo')}
            style={{ width: `${(share ?? 0) * 100}%` }}
          />
          {threshold === null ? null : (
            <span className="absolute -inset-y-0.5 w-px bg-text" style={{ left: `${threshold * 100}%` }} />
          )}
        </span>
      </dd>
    </div>
  )
}
