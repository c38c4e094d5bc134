'use client'

import Link from 'next/link'
import { useMemo } from 'react'
import { formatGrowth, formatUse, loadByService, loadWord, missedBy } from '../latency/load'
import { PathList } from '../latency/path-list'
import { UseBar } from '../latency/use-bar'
import { Ago } from '../ui/ago'
import { buttonStyle } from '../ui/button'
import { ErrorState } from '../ui/error-state'
import { formatRate, formatShare } from '../ui/figure'
import { Sheet } from '../ui/sheet'
import { SkeletonRows } from '../ui/skeleton'
import { StateLabel } from '../ui/state'
import { useLoads } from './load-marks'
import { Section } from './panel-parts'

/** Beside the map: what gives way first as the load grows, on the whole and along each path. */
export function BottleneckPanel({ onClose, onService }: { onClose: () => void; onService: (name: string) => void }) {
  const { report, error } = useLoads()
  const loads = useMemo(() => loadByService(report), [report])
  const first = report?.services.flatMap((s) => s.stations).find((s) => s.id === report.bottleneck)
  const differing = report?.flows.filter((flow) => flow.little?.verdict === 'differs') ?? []
  return (
    <Sheet
      label="Bottlenecks"
      onClose={onClose}
      className="xl:w-[28rem]"
      title={
        <>
          <h2 className="truncate text-lg font-semibold">
            {report === undefined ? 'Bottlenecks' : first ? `${first.id} gives way first` : 'Nothing is in use'}
          </h2>
          {first ? <StateLabel {...loadWord(first.utilisation)} /> : null}
        </>
      }
      actions={
        <Link href="/latency/bottlenecks" className={buttonStyle({ size: 'sm' })}>
          Open
        </Link>
      }
    >
      {error ? <ErrorState message={error} /> : null}
      {report ? (
        <>
          <Section
            title="Room for more"
            note={
              <>
                last {Math.round(report.windowMs / 1_000)} s, read <Ago at={report.at} />
              </>
            }
          >
            {first ? (
              <p className="text-sm">
                It is {formatUse(first.utilisation)} in use.{' '}
                {(first.growth ?? 0) >= 1
                  ? `The load may grow to ${formatGrowth(first.growth)}`
                  : `More comes than it can do: its limit is ${formatGrowth(first.growth)} of the load`}
                {report.throughputMaxPerSec === null || report.entryPerSec === null
                  ? '.'
                  : `, from ${formatRate(report.entryPerSec)} that enter to ${formatRate(report.throughputMaxPerSec)}.`}
              </p>
            ) : (
              <p className="text-sm text-muted">No calls were reported in the last minute.</p>
            )}
          </Section>
          {report.services.length > 0 ? (
            <Section title="Fullest instance of each service">
              <ul className="grid text-sm">
                {report.services.map((service) => (
                  <li
                    key={service.service}
                    className="flex flex-wrap items-center justify-between gap-x-3 border-b border-line py-1.5 last:border-b-0"
                  >
                    <button
                      type="button"
                      className="min-w-0 truncate hover:underline"
                      onClick={() => onService(service.service)}
                    >
                      {service.service}
                    </button>
                    <UseBar utilisation={service.utilisation} />
                  </li>
                ))}
              </ul>
            </Section>
          ) : null}
          <Section title="Along each path">
            <PathList paths={report.paths} loads={loads} entryPerSec={report.entryPerSec} times={1} narrow />
          </Section>
          <Section title="Little’s law as a check">
            {differing.length === 0 ? (
              <p className="text-sm text-muted">
                Calls counted in flight agree with rate times duration, or are too few to tell.
              </p>
            ) : (
              <ul className="grid gap-1 text-sm">
                {differing.map((flow) => (
                  <li key={flow.id} className="flex flex-wrap items-baseline justify-between gap-x-3">
                    <span className="min-w-0 truncate">
                      {flow.caller} → {flow.callee}
                    </span>
                    {flow.little ? (
                      <span className="text-xs text-muted">
                        counted {flow.little.measured.toFixed(1)}, by the law {flow.little.expected.toFixed(1)}:{' '}
                        {formatShare(missedBy(flow.little))} apart
                      </span>
                    ) : null}
                  </li>
                ))}
              </ul>
            )}
          </Section>
        </>
      ) : error ? null : (
        <SkeletonRows rows={8} />
      )}
    </Sheet>
  )
}
