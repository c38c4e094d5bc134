'use client'

import { ArrowRight } from 'lucide-react'
import { useEdge } from '../live'
import { Badge } from '../ui/badge'
import { formatCount } from '../ui/figure'
import { Sheet } from '../ui/sheet'
import { BreakerNote } from './breaker-marks'
import { FaultNotes } from './fault-marks'
import { HistoryCharts, provenance, Section, TrafficFigures } from './panel-parts'
import { trafficOf } from './summary'
import { useHistory } from './use-history'
import { useLateMs } from './use-late'

/** Everything about the calls from one service to another beside the map. */
export function EdgePanel(props: { id: string; onClose: () => void; onService: (name: string) => void }) {
  const edge = useEdge(props.id)
  const [caller, callee] = edge ? [edge.caller, edge.callee] : endsOf(props.id)
  const history = useHistory({ caller, callee })
  const lateMs = useLateMs()
  const traffic = trafficOf(edge ? [edge] : [])
  return (
    <Sheet
      label={`Calls from ${caller} to ${callee}`}
      onClose={props.onClose}
      className="xl:w-96"
      title={
        <>
          <h2 className="flex min-w-0 flex-wrap items-center gap-x-2 text-lg font-semibold">
            <End name={caller} onService={props.onService} />
            <ArrowRight className="size-4 shrink-0 text-faint" aria-label="calls" />
            <End name={callee} onService={props.onService} />
          </h2>
          {edge ? <Badge>{edge.protocol}</Badge> : null}
        </>
      }
    >
      <BreakerNote callee={callee} />
      <FaultNotes caller={caller} callee={callee} />
      {edge ? (
        <Section
          title={`Last ${Math.round(edge.windowMs / 1000)} s`}
          note={provenance(edge.quality, edge.ageMs + lateMs)}
        >
          <TrafficFigures traffic={traffic} />
          {edge.count > 0 ? (
            <p className="text-xs text-muted">
              {formatCount(edge.count)} calls,{' '}
              {edge.errors === 0 ? 'none failed' : `${formatCount(edge.errors)} failed`}
            </p>
          ) : null}
        </Section>
      ) : (
        <Section title="Now">
          <p className="text-sm text-muted">No traffic for five minutes, so it is no longer on the map.</p>
        </Section>
      )}
      <Section title="Last 15 min">
        <HistoryCharts history={history} latency />
      </Section>
    </Sheet>
  )
}

function End(props: { name: string; onService: (name: string) => void }) {
  return (
    <button
      type="button"
      onClick={() => props.onService(props.name)}
      className="min-w-0 truncate rounded-sm hover:text-accent"
      title={`Show ${props.name}`}
    >
      {props.name}
    </button>
  )
}

/** The two services of an edge's id, `caller→callee:protocol`. */
function endsOf(id: string): [string, string] {
  const [caller = '', rest = ''] = id.split('→', 2)
  return [caller, rest.replace(/:[^:]*$/, '')]
}
