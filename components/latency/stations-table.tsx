'use client'

import Link from 'next/link'
import { useMemo } from 'react'
import type { StationView } from '@/core/latency-view'
import { useHeldOrder } from '../services/use-held-order'
import { Button } from '../ui/button'
import { formatMs, formatRate } from '../ui/figure'
import { Table, Td, Th, Tr } from '../ui/table'
import { formatGrowth } from './load'
import { Estimated, UseBar } from './use-bar'

const SHOWN = 60

/** Every instance that is called, in the order in which they are saturated. `times`: the load that is looked at. */
export function StationsTable({ stations, times }: { stations: readonly StationView[]; times: number }) {
  const ids = useMemo(() => stations.map(({ id }) => id), [stations])
  const byId = useMemo(() => new Map(stations.map((station) => [station.id, station])), [stations])
  const order = useHeldOrder('stations', ids)
  const rows = order.names.flatMap((id) => byId.get(id) ?? [])
  return (
    <div className="relative grid min-w-0 gap-2" {...order.holding}>
      {order.waiting ? (
        <Button size="sm" className="absolute top-0.5 right-1 z-10" onClick={order.apply}>
          The order has changed: apply
        </Button>
      ) : null}
      <Table label="Use of each instance">
        <thead>
          <tr>
            <Th>Instance</Th>
            <Th>{times === 1 ? 'Use' : `Use at ×${times}`}</Th>
            <Th className="text-right">Saturated at</Th>
            <Th className="text-right">Can take more</Th>
            <Th className="text-right" title="λ: requests that come to it">
              Comes
            </Th>
            <Th className="text-right" title="S: its own work on one request, waiting not included">
              Works
            </Th>
            <Th className="text-right" title="c: requests that it works on at a time">
              At a time
            </Th>
            <Th className="text-right" title="mean wait for a connection and in its own queue">
              Waits
            </Th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, SHOWN).map((s) => (
            <Tr key={s.id}>
              <Td className="max-w-56">
                <Link
                  className="block truncate hover:underline"
                  title={s.id}
                  href={`/services/${encodeURIComponent(s.service)}?instance=${encodeURIComponent(s.id)}`}
                >
                  {s.id}
                </Link>
              </Td>
              <Td>
                <UseBar utilisation={s.utilisation === null ? null : s.utilisation * times} />
              </Td>
              <Td className="text-right font-medium">{s.growth === null ? '' : formatGrowth(s.growth / times)}</Td>
              <Td className="text-right">
                {s.growth === null ? '' : formatRate(Math.max(0, s.ratePerSec * (s.growth - times)))}
              </Td>
              <Td className="text-right text-muted">{formatRate(s.ratePerSec * times)}</Td>
              <Td className="text-right text-muted">
                {s.serviceFrom === 'estimated' ? (
                  <Estimated why="it does not report its own work, so this is what callers wait for it" />
                ) : null}
                {s.serviceMs === null ? 'not known' : formatMs(s.serviceMs)}
              </Td>
              <Td className="text-right text-muted">
                {s.concurrencyFrom === 'estimated' ? (
                  <Estimated why="it declares no bound, so this is the most that was seen at once" />
                ) : null}
                {s.concurrency}
              </Td>
              <Td className="text-right text-muted">{formatMs(s.queueMs)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {stations.length > SHOWN ? (
        <p className="text-xs text-faint">{`The fullest ${SHOWN} of ${stations.length} instances.`}</p>
      ) : null}
    </div>
  )
}
