'use client'

import Link from 'next/link'
import { useState } from 'react'
import type { PathLoad, ServiceLoad } from '@/core/latency-view'
import { Button } from '../ui/button'
import { cn } from '../ui/cn'
import { formatRate } from '../ui/figure'
import { StateGlyph, stateColour } from '../ui/state'
import { formatGrowth, formatUse, type Hop, hopsOf, loadWord, pathMaxPerSec } from './load'

const SHOWN = 8

/** The ways that requests take, each with the service that gives way first: T = min(Tᵢ). */
export function PathList(props: {
  paths: readonly PathLoad[]
  loads: ReadonlyMap<string, ServiceLoad>
  entryPerSec: number | null
  times: number
  narrow?: boolean
}) {
  const { paths, loads, entryPerSec, times } = props
  const [all, setAll] = useState(false)
  if (paths.length === 0) return <p className="text-sm text-muted">Nobody calls anybody at the moment.</p>
  return (
    <div className="grid min-w-0 gap-1">
      <ul className="grid min-w-0">
        {paths.slice(0, all ? undefined : SHOWN).map((path) => {
          const most = pathMaxPerSec(entryPerSec, path.first)
          return (
            <li
              key={path.services.join(' ')}
              className={cn(
                'grid min-w-0 gap-x-6 gap-y-1 border-b border-line py-2.5 last:border-b-0',
                props.narrow ? '' : 'lg:grid-cols-[minmax(0,1fr)_auto] lg:items-center',
              )}
            >
              <Hops hops={hopsOf(path, loads)} times={times} />
              <p className="text-xs text-muted">
                {path.first === null ? (
                  'nothing on it says what it can take'
                ) : (
                  <>
                    <span className="font-medium text-text">{path.first.service}</span> gives way first,{' '}
                    {path.first.growth / times >= 1 ? 'at' : 'and has: its limit is'}{' '}
                    <span className="font-medium text-text tabular-nums">
                      {formatGrowth(path.first.growth / times)}
                    </span>
                    {most === null ? null : ` (${formatRate(most)} that enter)`}
                  </>
                )}
              </p>
            </li>
          )
        })}
      </ul>
      {paths.length > SHOWN ? (
        <Button variant="quiet" size="sm" className="justify-self-start" onClick={() => setAll(!all)}>
          {all ? 'Show the busiest only' : `Show all ${paths.length} paths`}
        </Button>
      ) : null}
    </div>
  )
}

function Hops({ hops, times }: { hops: readonly Hop[]; times: number }) {
  return (
    <ol className="flex min-w-0 flex-wrap items-center gap-x-1.5 gap-y-1.5" aria-label="Path">
      {hops.map((hop, i) => (
        <li key={hop.service} className="flex min-w-0 items-center gap-1.5">
          {i > 0 ? (
            <span aria-hidden className="text-faint">
              →
            </span>
          ) : null}
          <HopChip hop={hop} times={times} />
        </li>
      ))}
    </ol>
  )
}

function HopChip({ hop, times }: { hop: Hop; times: number }) {
  const use = hop.load?.utilisation == null ? null : hop.load.utilisation * times
  const { state, word } = loadWord(use)
  return (
    <Link
      href={`/latency?callee=${encodeURIComponent(hop.service)}`}
      title={`${hop.service}: ${use === null ? 'nobody who reports calls it' : `${formatUse(use)} of its fullest instance in use, ${word}`}`}
      className={cn(
        'relative inline-flex min-w-0 items-center gap-1.5 overflow-hidden rounded-md border px-2 py-1 text-sm hover:bg-sunken',
        hop.first ? 'border-line-strong font-medium' : 'border-line text-muted',
      )}
    >
      {use === null ? null : <StateGlyph state={state} size={10} />}
      <span className="truncate">{hop.service}</span>
      {use === null ? null : <span className="text-xs tabular-nums">{formatUse(use)}</span>}
      {hop.first ? <span className="text-xs text-muted">first</span> : null}
      {use === null ? null : (
        <i
          aria-hidden
          className="absolute bottom-0 left-0 h-0.5"
          style={{ width: `${Math.min(100, use * 100)}%`, background: stateColour(state) }}
        />
      )}
    </Link>
  )
}
