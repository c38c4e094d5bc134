'use client'
import { Plus } from 'lucide-react'
import Link from 'next/link'
import { debounce, useQueryStates } from 'nuqs'
import { useCallback, useMemo } from 'react'
import { EmptyRoutes } from '@/components/gateway/empty-routes'
import { GatewayHead } from '@/components/gateway/gateway-head'
import { matches, ordered, places, type Show } from '@/components/gateway/order'
import { RouteDetail } from '@/components/gateway/route-detail'
import { RoutesList } from '@/components/gateway/routes-list'
import { Totals } from '@/components/gateway/totals'
import { type GatewayNow, useGateway } from '@/components/gateway/use-gateway'
import { routeState } from '@/components/gateway/words'
import { WorkersTable } from '@/components/gateway/workers-table'
import { Section } from '@/components/services/section'
import { useHeldOrder } from '@/components/services/use-held-order'
import { useMay } from '@/components/shell/session'
import { holdfastError } from '@/components/trpc'
import { Button, buttonStyle } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorState } from '@/components/ui/error-state'
import { Input } from '@/components/ui/input'
import { Segmented } from '@/components/ui/segmented'
import { Sheet } from '@/components/ui/sheet'
import { SkeletonRows } from '@/components/ui/skeleton'
import { StateLabel } from '@/components/ui/state'
import { routesSearch } from './search-params'

const SHOWS: { value: Show; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'concerns', label: 'With concerns' },
  { value: 'disabled', label: 'Disabled' },
]

export function RoutesPage() {
  const { gateway, query } = useGateway()
  const { may } = useMay('operator')
  const [{ route: open }, setSearch] = useQueryStates(routesSearch)
  const close = useCallback(() => void setSearch({ route: null }), [setSearch])
  const view = gateway?.routes.find(({ route }) => route.id === open)
  return (
    <div className="flex h-full">
      <div className="min-w-0 flex-1 overflow-y-auto overflow-x-hidden">
        <div className="grid grid-cols-1 gap-4 px-4 pt-4">
          <GatewayHead
            current="/gateway"
            description="What comes in, by which rules, and what becomes of it. Workers go on by their last copy when the control plane is away."
            actions={
              may && gateway && gateway.routes.length > 0 ? (
                <Link href="/gateway/new" className={buttonStyle({ variant: 'primary' })}>
                  <Plus aria-hidden /> Add a route
                </Link>
              ) : null
            }
          />
        </div>
        {gateway ? (
          <Routes gateway={gateway} />
        ) : query.isError ? (
          <ErrorState message={holdfastError(query.error).message} onRetry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={12} className="p-4" />
        )}
      </div>
      {open === null ? null : (
        <Sheet
          label={`Route ${open}`}
          onClose={close}
          title={
            <div className="grid gap-0.5">
              <h2 className="truncate text-sm font-semibold" title={open}>
                <Link href={`/gateway/routes/${encodeURIComponent(open)}`} className="hover:underline">
                  {open}
                </Link>
              </h2>
              {view && gateway ? (
                <StateLabel {...routeState(view, gateway.workers.length)} className="text-xs" />
              ) : null}
            </div>
          }
        >
          {view && gateway ? (
            <RouteDetail key={open} view={view} gateway={gateway} />
          ) : gateway ? (
            <p className="text-sm text-muted">
              There is no route of this name (any more). What became of it is in the{' '}
              <Link href={`/journal?key=${encodeURIComponent(`route/${open}`)}`} className="text-accent underline">
                journal
              </Link>
              .
            </p>
          ) : null}
        </Sheet>
      )}
    </div>
  )
}

function Routes({ gateway }: { gateway: GatewayNow }) {
  const [{ q, show, route: open }, setSearch] = useQueryStates(routesSearch)
  const workers = gateway.workers.length
  const all = gateway.routes
  const wanted = useMemo(
    () => ordered(all.filter((view) => matches(view, workers, { q, show }))),
    [all, workers, q, show],
  )
  const order = useHeldOrder(JSON.stringify([q, show]), wanted)
  const at = useMemo(() => places(all), [all])
  const onOpen = useCallback((id: string) => void setSearch({ route: id }, { history: 'push' }), [setSearch])
  const hrefOf = (id: string) => {
    const query = new URLSearchParams()
    if (q) query.set('q', q)
    if (show !== 'all') query.set('show', show)
    query.set('route', id)
    return `/gateway?${query}`
  }
  if (all.length === 0) {
    return (
      <div className="grid gap-8 px-4 py-4">
        <EmptyRoutes />
        <Section title="Workers">
          <WorkersTable gateway={gateway} />
        </Section>
      </div>
    )
  }
  return (
    <>
      <div className="grid grid-cols-1 gap-4 px-4 pt-4">
        <Totals gateway={gateway} />
        <div className="flex flex-wrap items-center gap-2">
          <Input
            type="search"
            aria-label="Find a route by name, path, host, service or middleware"
            placeholder="Find a route"
            defaultValue={q}
            onChange={(event) => void setSearch({ q: event.target.value }, { limitUrlUpdates: debounce(200) })}
            className="w-full sm:w-64"
          />
          <Segmented label="Show" options={SHOWS} value={show} onChange={(next) => void setSearch({ show: next })} />
          <p aria-live="polite" className="ml-auto min-h-7 text-xs">
            {order.waiting ? (
              <Button size="sm" variant="quiet" onClick={order.apply}>
                The order has changed: apply
              </Button>
            ) : null}
          </p>
        </div>
      </div>
      <div {...order.holding} className="pt-3">
        <RoutesList gateway={gateway} ids={order.names} places={at} open={open} hrefOf={hrefOf} onOpen={onOpen} />
        {order.names.length === 0 ? (
          <EmptyState
            title="No route matches"
            action={<Button onClick={() => void setSearch({ q: null, show: null })}>Clear the filters</Button>}
          >
            There {all.length === 1 ? 'is 1' : `are ${all.length}`}.
          </EmptyState>
        ) : null}
      </div>
      <div className="px-4 py-6">
        <Section title="Workers">
          <WorkersTable gateway={gateway} />
        </Section>
      </div>
    </>
  )
}
