'use client'

import Link from 'next/link'
import { HEALTH_STATES } from '@/core/instance'
import { useEdges, useEvents, useService } from '../live'
import { Ago } from '../ui/ago'
import { Badge } from '../ui/badge'
import { buttonStyle } from '../ui/button'
import { Sheet } from '../ui/sheet'
import { StateLabel } from '../ui/state'
import { EdgeList } from './edge-list'
import { HistoryCharts, provenance, Section, TrafficFigures } from './panel-parts'
import { trafficOf } from './summary'
import { useHistory } from './use-history'
import { useLateMs } from './use-late'

const EVENTS_SHOWN = 8

/** Everything about one service beside the map. */
export function NodePanel(props: { name: string; onClose: () => void; onEdge: (id: string) => void }) {
  const { name, onClose, onEdge } = props
  const service = useService(name)
  const edges = useEdges()
  const events = useEvents()
  const inbound = edges.filter((e) => e.callee === name)
  const outbound = edges.filter((e) => e.caller === name)
  const lateMs = useLateMs()
  const traffic = trafficOf(inbound)
  const history = useHistory({ callee: name })
  const latest = events.filter((e) => e.service === name).slice(0, EVENTS_SHOWN)
  const href = `/services/${encodeURIComponent(name)}`
  return (
    <Sheet
      label={`Service ${name}`}
      onClose={onClose}
      className="xl:w-96"
      title={
        <>
          <h2 className="truncate text-lg font-semibold" title={name}>
            {name}
          </h2>
          {service ? <StateLabel state={service.health} /> : <StateLabel state="unknown" word="not registered" />}
        </>
      }
      actions={
        service ? (
          <Link href={href} className={buttonStyle({ size: 'sm' })}>
            Open
          </Link>
        ) : null
      }
    >
      {service ? (
        <Section
          title="Why"
          note={
            service.changedAt === null ? null : (
              <>
                changed <Ago at={service.changedAt} />
              </>
            )
          }
        >
          <p className="text-sm">{sentence(service.reason)}</p>
          {service.maintenance ? (
            <p className="text-sm text-operator">
              In maintenance by {service.maintenance.by}: {service.maintenance.reason}
              {service.maintenance.until === null ? (
                ', until lifted'
              ) : (
                <>
                  , ends <Ago at={service.maintenance.until} />
                </>
              )}
            </p>
          ) : null}
          {service.hold ? (
            <p className="text-sm text-operator">
              {service.hold.instanceIds.length} of {service.hold.total} instances fell silent at once. That many at once
              look like our own loss of sight, so they are held, not expired.
            </p>
          ) : null}
        </Section>
      ) : (
        <Section title="Why">
          <p className="text-sm text-muted">
            Seen in calls that others report, but nothing registers under this name here.
          </p>
        </Section>
      )}
      {service ? (
        <Section title="Instances" note={`${service.routable} of ${service.total} take traffic`}>
          <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
            {HEALTH_STATES.filter((s) => service.counts[s] > 0).map((state) => (
              <li key={state} className="inline-flex items-center gap-1.5">
                <span className="font-semibold">{service.counts[state]}</span>
                <StateLabel state={state} />
              </li>
            ))}
            {service.flapping > 0 ? <li className="text-warning">{service.flapping} flapping</li> : null}
          </ul>
          <div className="flex flex-wrap gap-1">
            {service.zones.map((zone) => (
              <Badge key={zone}>zone {zone}</Badge>
            ))}
            {service.versions.map((version) => (
              <Badge key={version}>v{version}</Badge>
            ))}
            {service.tags.map((tag) => (
              <Badge key={tag}>{tag}</Badge>
            ))}
          </div>
        </Section>
      ) : null}
      <Section
        title="Calls to it"
        note={
          inbound.length === 0
            ? null
            : provenance(traffic.quality, traffic.ageMs === null ? null : traffic.ageMs + lateMs)
        }
      >
        {inbound.length === 0 ? (
          <p className="text-sm text-muted">Nobody has called it lately.</p>
        ) : (
          <TrafficFigures traffic={traffic} />
        )}
        <EdgeList edges={inbound} end="caller" onEdge={onEdge} />
        {inbound.length === 0 ? null : <HistoryCharts history={history} latency={false} />}
      </Section>
      <Section title="Calls it makes">
        {outbound.length === 0 ? <p className="text-sm text-muted">It has called nobody lately.</p> : null}
        <EdgeList edges={outbound} end="callee" onEdge={onEdge} />
      </Section>
      <Section
        title="Latest events"
        note={
          <Link className="hover:text-text" href={`/journal?service=${encodeURIComponent(name)}`}>
            journal
          </Link>
        }
      >
        {latest.length === 0 ? <p className="text-sm text-muted">None since this page was opened.</p> : null}
        <ul className="grid gap-1.5 text-sm">
          {latest.map((event) => (
            <li key={event.seq} className="flex items-baseline justify-between gap-3">
              <span className="min-w-0">{event.summary}</span>
              <Ago at={event.at} className="shrink-0 text-xs text-faint" />
            </li>
          ))}
        </ul>
      </Section>
    </Sheet>
  )
}

const sentence = (text: string) => (text === '' ? '' : `${text[0]?.toUpperCase()}${text.slice(1)}.`)
