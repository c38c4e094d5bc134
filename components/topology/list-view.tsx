'use client'

import Link from 'next/link'
import { memo } from 'react'
import { HEALTH_STATES } from '@/core/instance'
import type { EdgeView, ServiceView } from '@/core/topology'
import { formatAge, formatMs, formatRate, formatShare } from '../ui/figure'
import { StateLabel, stateWord } from '../ui/state'
import { Table, Td, Th } from '../ui/table'
import { FaultMark } from './fault-marks'
import { errorTone, Instances } from './node-card'
import { trafficOf } from './summary'

/** The same as the map, as tables: for narrow screens, for keyboards and screen readers. Ordered by name, so nothing jumps. */
export const ListView = memo(function ListView(props: {
  services: readonly ServiceView[]
  edges: readonly EdgeView[]
  chosen: { service: string | null; edge: string | null }
  onService: (name: string) => void
  onEdge: (id: string) => void
}) {
  const { services, edges, chosen, onService, onEdge } = props
  return (
    <div className="h-full overflow-y-auto">
      <h2 className="px-4 pb-1 pt-3 text-sm font-semibold md:px-5">Services</h2>
      {services.length === 0 ? <p className="px-4 py-2 text-sm text-muted md:px-5">No service matches.</p> : null}
      <Table
        label="Services"
        className="[&_td:first-child]:pl-4 md:[&_td:first-child]:pl-5 [&_th:first-child]:pl-4 md:[&_th:first-child]:pl-5"
      >
        <thead>
          <tr>
            <Th>Service</Th>
            <Th>State</Th>
            <Th>Instances</Th>
            <Th className="text-right">Calls in</Th>
            <Th className="text-right">Errors</Th>
            <Th className="text-right">p99</Th>
            <Th>Why</Th>
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <ServiceRow
              key={service.name}
              service={service}
              edges={edges}
              chosen={chosen.service === service.name}
              onService={onService}
            />
          ))}
        </tbody>
      </Table>
      <h2 className="px-4 pb-1 pt-5 text-sm font-semibold md:px-5">Calls between them</h2>
      {edges.length === 0 ? <p className="px-4 py-2 text-sm text-muted md:px-5">No calls have been reported.</p> : null}
      <Table
        label="Calls between services"
        className="[&_td:first-child]:pl-4 md:[&_td:first-child]:pl-5 [&_th:first-child]:pl-4 md:[&_th:first-child]:pl-5"
      >
        <thead>
          <tr>
            <Th>From and to</Th>
            <Th>Protocol</Th>
            <Th className="text-right">Rate</Th>
            <Th className="text-right">Errors</Th>
            <Th className="text-right">p50</Th>
            <Th className="text-right">p99</Th>
            <Th>Quality</Th>
          </tr>
        </thead>
        <tbody>
          {edges.map((edge) => (
            <EdgeRow key={edge.id} edge={edge} chosen={chosen.edge === edge.id} onEdge={onEdge} />
          ))}
        </tbody>
      </Table>
    </div>
  )
})

function ServiceRow(props: {
  service: ServiceView
  edges: readonly EdgeView[]
  chosen: boolean
  onService: (name: string) => void
}) {
  const { service } = props
  const traffic = trafficOf(props.edges.filter((e) => e.callee === service.name))
  return (
    <tr className={props.chosen ? 'bg-accent-soft' : 'hover:bg-sunken'}>
      <Td>
        <button type="button" onClick={() => props.onService(service.name)} className="font-medium hover:text-accent">
          {service.name}
        </button>
      </Td>
      <Td>
        <StateLabel state={service.health} />
        {service.hold ? <span className="ml-2 text-xs text-operator">held</span> : null}
        {service.flapping > 0 ? <span className="ml-2 text-xs text-warning">flapping</span> : null}
      </Td>
      <Td>
        <span
          className="inline-flex items-center gap-2"
          title={HEALTH_STATES.filter((s) => service.counts[s] > 0)
            .map((s) => `${service.counts[s]} ${stateWord(s)}`)
            .join(', ')}
        >
          <span aria-hidden>{service.total}</span>
          <Instances view={service} />
        </span>
      </Td>
      <Td className="whitespace-nowrap text-right">
        {traffic.ratePerSec === 0 ? <span className="text-faint">no traffic</span> : formatRate(traffic.ratePerSec)}
      </Td>
      <Td className={`text-right ${errorTone(traffic.errorShare ?? 0)}`}>
        {traffic.errorShare === null ? '' : formatShare(traffic.errorShare)}
      </Td>
      <Td className="whitespace-nowrap text-right text-muted">
        {traffic.p99Ms === null ? '' : formatMs(traffic.p99Ms)}
      </Td>
      <Td className="max-w-72 truncate text-muted">
        <Link href={`/services/${encodeURIComponent(service.name)}`} title={service.reason} className="hover:text-text">
          {service.reason}
        </Link>
      </Td>
    </tr>
  )
}

function EdgeRow({ edge, chosen, onEdge }: { edge: EdgeView; chosen: boolean; onEdge: (id: string) => void }) {
  const quality =
    edge.quality === 'none'
      ? 'nothing measured'
      : `${edge.quality}, ${edge.ageMs < 3000 ? 'now' : `${formatAge(edge.ageMs)} old`}`
  return (
    <tr className={chosen ? 'bg-accent-soft' : 'hover:bg-sunken'}>
      <Td>
        <button
          type="button"
          onClick={() => onEdge(edge.id)}
          className="whitespace-nowrap font-medium hover:text-accent"
        >
          {edge.caller} <span className="text-faint">→</span> {edge.callee}
        </button>
      </Td>
      <Td className="text-muted">
        {edge.protocol} <FaultMark caller={edge.caller} callee={edge.callee} className="ml-2" />
      </Td>
      {edge.count === 0 ? (
        <Td colSpan={4} className="text-right text-faint">
          no traffic
        </Td>
      ) : (
        <>
          <Td className="whitespace-nowrap text-right">{formatRate(edge.ratePerSec)}</Td>
          <Td className={`text-right ${errorTone(edge.errorShare ?? 0)}`}>{formatShare(edge.errorShare ?? 0)}</Td>
          <Td className="whitespace-nowrap text-right text-muted">
            {edge.p50Ms === null ? 'not timed' : formatMs(edge.p50Ms)}
          </Td>
          <Td className="whitespace-nowrap text-right text-muted">
            {edge.p99Ms === null ? 'not timed' : formatMs(edge.p99Ms)}
          </Td>
        </>
      )}
      <Td className="whitespace-nowrap text-xs text-faint">{quality}</Td>
    </tr>
  )
}
