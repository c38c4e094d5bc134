'use client'
import { useQuery } from '@tanstack/react-query'
import { useQueryStates } from 'nuqs'
import { useCallback } from 'react'
import { GatewayHead } from '@/components/gateway/gateway-head'
import { filterOf, logSearch } from '@/components/gateway/log/filter'
import { LogFilters } from '@/components/gateway/log/log-filters'
import { LogList } from '@/components/gateway/log/log-list'
import { RequestDetail } from '@/components/gateway/log/request-detail'
import { useGateway } from '@/components/gateway/use-gateway'
import { useTRPC } from '@/components/trpc'
import { Sheet } from '@/components/ui/sheet'

export function LogPage() {
  const [search, setSearch] = useQueryStates(logSearch)
  const { request: open, ...filters } = search
  const { gateway } = useGateway()
  const filter = filterOf(filters)
  const onOpen = useCallback((id: string) => void setSearch({ request: id }, { history: 'push' }), [setSearch])
  const close = useCallback(() => void setSearch({ request: null }), [setSearch])
  const clear = () => void setSearch({ route: null, status: null, part: null, method: null, q: null, slow: null })
  return (
    <div className="flex h-full">
      <div className="min-w-0 flex-1 overflow-y-auto overflow-x-hidden">
        <div className="grid grid-cols-1 gap-4 px-4 pt-4 pb-2">
          <GatewayHead
            current="/gateway/log"
            description="Requests as they come, and where the time of each went. Up to 200 a second of each worker, failures first."
          />
          <LogFilters routes={gateway?.routes.map(({ route }) => route.id).sort() ?? []} />
        </div>
        <LogList
          key={JSON.stringify(filter)}
          filter={filter}
          search={filters}
          open={open}
          onOpen={onOpen}
          onClear={clear}
        />
      </div>
      {open === null ? null : (
        <Sheet
          label={`Request ${open}`}
          onClose={close}
          title={
            <h2 className="mono truncate text-sm font-semibold" title={open}>
              {open}
            </h2>
          }
        >
          <Kept key={open} id={open} />
        </Sheet>
      )}
    </div>
  )
}

/** Asked for by its id, so that a link to it works as long as it is kept. */
function Kept({ id }: { id: string }) {
  const trpc = useTRPC()
  const query = useQuery(
    trpc.gateway.requests.queryOptions(
      { data: { q: id.slice(0, 200), limit: 10 } },
      { staleTime: Number.POSITIVE_INFINITY },
    ),
  )
  if (query.isPending) return null
  const entry = query.data?.entries.find((other) => other.id === id)
  if (!entry) {
    return <p className="text-sm text-muted">This request is not kept any more. The newest 2000 are.</p>
  }
  return <RequestDetail entry={entry} />
}
