'use client'
import { cn } from '../ui/cn'
import { ROUTE_COLUMNS, RouteRow } from './route-row'
import type { GatewayNow } from './use-gateway'
import { isOnRoute } from './words'

/** Routes in the order in which they are looked at. */
export function RoutesList(props: {
  gateway: GatewayNow
  ids: readonly string[]
  places: ReadonlyMap<string, number>
  open: string | null
  hrefOf: (id: string) => string
  onOpen: (id: string) => void
}) {
  const { gateway } = props
  const views = new Map(gateway.routes.map((view) => [view.route.id, view]))
  return (
    <div className="@container">
      <div
        aria-hidden
        className={cn(
          'hidden items-end gap-x-4 border-b border-line px-4 pb-1.5 text-xs font-medium text-muted @2xl:grid',
          ROUTE_COLUMNS,
        )}
      >
        <span className="pl-7">Route</span>
        <span>Takes, and sends to</span>
        <span className="hidden @5xl:block">Chain</span>
        <span className="text-right">Rate</span>
        <span className="text-right">Errors</span>
        <span className="hidden text-right @5xl:block">Refused</span>
        <span className="hidden text-right @5xl:block">Routable</span>
      </div>
      <ol aria-label="Routes">
        {props.ids.map((id) => {
          const view = views.get(id)
          return view ? (
            <RouteRow
              key={id}
              view={view}
              place={props.places.get(id) ?? null}
              workers={gateway.workers.length}
              faulty={gateway.faults.some((fault) => isOnRoute(fault, id))}
              href={props.hrefOf(id)}
              open={props.open === id}
              onOpen={props.onOpen}
            />
          ) : null
        })}
      </ol>
    </div>
  )
}
