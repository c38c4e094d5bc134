'use client'
import { debounce, useQueryStates } from 'nuqs'
import { useCallback, useMemo, useRef } from 'react'
import { useEdges, useServices } from '@/components/live'
import { EmptyServices } from '@/components/services/empty-services'
import { toCsv, toJson } from '@/components/services/export'
import { Filters } from '@/components/services/filters'
import { matches, ordered } from '@/components/services/order'
import type { RowsHandle } from '@/components/services/rows'
import { save } from '@/components/services/save'
import { ServicePanel } from '@/components/services/service-panel'
import { ServicesTable } from '@/components/services/services-table'
import { Totals } from '@/components/services/totals'
import { trafficInto } from '@/components/services/traffic'
import { useHeldOrder } from '@/components/services/use-held-order'
import { useRowKeys } from '@/components/services/use-row-keys'
import { Button } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { servicesSearch } from './search-params'

export function ServiceList() {
  const all = useServices()
  const edges = useEdges()
  const [search, setSearch] = useQueryStates(servicesSearch)
  const { q, health, zone, tag, sort, service } = search
  const traffic = useMemo(() => trafficInto(edges), [edges])
  const shown = useMemo(
    () => all.filter((view) => matches(view, { q, health, zone, tag })),
    [all, q, health, zone, tag],
  )
  const wanted = useMemo(() => ordered(shown, traffic, sort), [shown, traffic, sort])
  const order = useHeldOrder(JSON.stringify([q, health, zone, tag, sort]), wanted)
  const views = useMemo(() => new Map(all.map((view) => [view.name, view])), [all])

  const scroller = useRef<HTMLDivElement>(null)
  const rows = useRef<RowsHandle>(null)
  useRowKeys(order.names, rows, service)
  const open = useCallback((name: string) => void setSearch({ service: name }, { history: 'push' }), [setSearch])
  const close = useCallback(() => {
    void setSearch({ service: null })
    if (service !== null) rows.current?.focus(service)
  }, [setSearch, service])

  const hrefOf = useMemo(() => {
    const query = new URLSearchParams()
    for (const [key, value] of Object.entries({ q, health, zone, tag })) if (value) query.set(key, value)
    if (sort !== 'state') query.set('sort', sort)
    return (name: string) => {
      const own = new URLSearchParams(query)
      own.set('service', name)
      return `/services?${own}`
    }
  }, [q, health, zone, tag, sort])

  if (all.length === 0) return <EmptyServices />
  return (
    <div className="flex h-full">
      <div ref={scroller} className="min-w-0 flex-1 overflow-y-auto overflow-x-hidden">
        <div className="grid grid-cols-1 gap-4 px-4 pt-4 pb-1">
          <PageHeader title="Services" />
          <Totals
            views={shown}
            all={all.length}
            health={health}
            onHealth={(next) => void setSearch({ health: next })}
          />
          <Filters
            filter={{ q, health, zone, tag }}
            sort={sort}
            all={all}
            onChange={(change) => void setSearch(change, 'q' in change ? { limitUrlUpdates: debounce(200) } : {})}
            onClear={() => void setSearch({ q: null, health: null, zone: null, tag: null })}
            onExport={(format) => {
              const listed = order.names.flatMap((name) => views.get(name) ?? [])
              if (format === 'csv') save('services.csv', 'text/csv', toCsv(listed, traffic))
              else save('services.json', 'application/json', toJson(listed, traffic))
            }}
          />
          <div className="flex min-h-7 items-center justify-between text-xs text-muted">
            <p>
              <span className="max-sm:hidden">j and k go through the rows, Enter opens. </span>
              Calls, errors and p99 are of the last window, as callers saw them.
            </p>
            <p aria-live="polite" className="shrink-0">
              {order.waiting ? (
                <Button size="sm" variant="quiet" onClick={order.apply}>
                  The order has changed: apply
                </Button>
              ) : null}
            </p>
          </div>
        </div>
        <div {...order.holding}>
          <ServicesTable
            names={order.names}
            views={views}
            traffic={traffic}
            sort={sort}
            onSort={(next) => void setSearch({ sort: next })}
            open={service}
            hrefOf={hrefOf}
            onOpen={open}
            scroller={scroller}
            handle={rows}
          />
        </div>
        {order.names.length === 0 ? (
          <EmptyState
            title="No service matches"
            action={
              <Button onClick={() => void setSearch({ q: null, health: null, zone: null, tag: null })}>
                Clear the filters
              </Button>
            }
          >
            {all.length} {all.length === 1 ? 'service is' : 'services are'} registered.
          </EmptyState>
        ) : null}
      </div>
      {service === null ? null : <ServicePanel key={service} name={service} onClose={close} />}
    </div>
  )
}
