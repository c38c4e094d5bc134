'use client'

import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { BottleneckReport } from '@/core/latency-view'
import { formatUse, loadWord } from '../latency/load'
import { useBottlenecks } from '../latency/use-bottlenecks'
import { cn } from '../ui/cn'
import { StateGlyph, stateColour } from '../ui/state'

interface Mark {
  /** of its fullest instance; null: nobody who reports calls it */
  use: number | null
  /** the service of the bottleneck */
  first: boolean
}

interface Loads {
  on: boolean
  report: BottleneckReport | undefined
  error: string | null
  marks: ReadonlyMap<string, Mark>
}

const OFF: Loads = { on: false, report: undefined, error: null, marks: new Map() }
const Context = createContext<Loads>(OFF)

/** How full each service is, for the map and its panel; asked for only while it is shown. */
export function LoadMarks({ on, children }: { on: boolean; children: ReactNode }) {
  const query = useBottlenecks(on)
  const report = on ? query.data : undefined
  const error = on && query.isError ? query.error.message : null
  const value = useMemo<Loads>(() => {
    if (!on) return OFF
    const marks = new Map<string, Mark>()
    for (const { service, utilisation, stations } of report?.services ?? []) {
      marks.set(service, { use: utilisation, first: stations.some(({ id }) => id === report?.bottleneck) })
    }
    return { on, report, error, marks }
  }, [on, report, error])
  return <Context value={value}>{children}</Context>
}

export const useLoads = (): Loads => useContext(Context)

/** In the place of its traffic: how full a service is. Null where the load is not shown. */
export function useLoadMark(name: string): Mark | null {
  const { on, marks } = useContext(Context)
  return on ? (marks.get(name) ?? { use: null, first: false }) : null
}

export function LoadFoot({ mark }: { mark: Mark }) {
  if (mark.use === null) return <span className="text-faint">nobody calls it</span>
  const { state, word } = loadWord(mark.use)
  return (
    <>
      <span
        className={cn(
          'inline-flex items-center gap-1',
          state === 'unhealthy' && 'text-unhealthy',
          state === 'warning' && 'text-warning',
        )}
      >
        {state === 'healthy' ? null : <StateGlyph state={state} size={10} />}
        {formatUse(mark.use)}{' '}
        {mark.first ? <span className="sr-only">{word}</span> : state === 'healthy' ? 'in use' : word}
      </span>
      {mark.first ? (
        <span className="mark-first" title="Gives way first as the load grows">
          first
        </span>
      ) : null}
    </>
  )
}

export function LoadBar({ use }: { use: number }) {
  return (
    <i
      aria-hidden
      className="node-use"
      style={{ width: `calc((100% - 24px) * ${Math.min(1, use)})`, background: stateColour(loadWord(use).state) }}
    />
  )
}
