'use client'
import { debounce, useQueryStates } from 'nuqs'
import { useCallback, useMemo } from 'react'
import { BreakerDetail } from '@/components/breakers/breaker-detail'
import { EmptyBreakers } from '@/components/breakers/empty-breakers'
import { TileCard } from '@/components/breakers/tile-card'
import { useBreakers } from '@/components/breakers/use-breakers'
import { matches, ordered, type Show, shown } from '@/components/breakers/words'
import { useHeldOrder } from '@/components/services/use-held-order'
import { Button } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { Figure, formatRate } from '@/components/ui/figure'
import { Input } from '@/components/ui/input'
import { PageHeader } from '@/components/ui/page-header'
import { Segmented } from '@/components/ui/segmented'
import { Sheet } from '@/components/ui/sheet'
import { StateLabel } from '@/components/ui/state'
import type { BreakerTile } from '@/core/breaker-view'
import { breakersSearch } from './search-params'

const SHOWS: { value: Show; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'not-closed', label: 'Not closed' },
  { value: 'overridden', label: 'Overridden' },
]

export function BreakerGrid({ first }: { first: readonly BreakerTile[] }) {
  const tiles = useBreakers(first)
  const [{ q, show, breaker }, setSearch] = useQueryStates(breakersSearch)
  const all = useMemo(() => [...tiles.values()], [tiles])
  const wanted = useMemo(() => ordered(all.filter((tile) => matches(tile, { q, show }))), [all, q, show])
  const order = useHeldOrder(JSON.stringify([q, show]), wanted)
  const onOpen = useCallback((name: string) => void setSearch({ breaker: name }, { history: 'push' }), [setSearch])
  const close = useCallback(() => void setSearch({ breaker: null }), [setSearch])
  const hrefOf = (name: string) => {
    const query = new URLSearchParams()
    if (q) query.set('q', q)
    if (show !== 'all') query.set('show', show)
    query.set('breaker', name)
    return `/breakers?${query}`
  }
  if (all.length === 0 && breaker === null) {
    return (
      <div className="p-4">
        <PageHeader title="Breakers" />
        <EmptyBreakers />
      </div>
    )
  }
  const count = (state: BreakerTile['effective']) => all.filter(({ effective }) => effective === state).length
  const open = breaker === null ? undefined : tiles.get(breaker)
  return (
    <div className="flex h-full">
      <div className="min-w-0 flex-1 overflow-y-auto overflow-x-hidden">
        <div className="grid grid-cols-1 gap-4 px-4 pt-4">
          <PageHeader
            title="Breakers"
            description="Each process decides by itself at once; most of them together decide for all. An operator's word stands above."
          />
          <div className="grid grid-cols-2 gap-4 sm:grid-cols-4 lg:max-w-3xl">
            <Figure large label="Open" value={count('open')} unit={`of ${all.length}`} />
            <Figure large label="Half-open" value={count('half-open')} />
            <Figure large label="Overridden" value={all.filter(({ override }) => override !== null).length} />
            <Figure
              large
              label="Refused"
              value={formatRate(all.reduce((sum, { figures }) => sum + figures.refusedPerSec, 0))}
            />
          </div>
          <div className="flex flex-wrap items-center gap-2">
            <Input
              type="search"
              aria-label="Find a breaker, a service or an instance"
              placeholder="Find a breaker"
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
        <div {...order.holding} className="px-4 pt-3 pb-8">
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(13.5rem,1fr))] gap-2" aria-label="Breakers">
            {order.names.map((name) => {
              const tile = tiles.get(name)
              return tile ? (
                <TileCard key={name} tile={tile} href={hrefOf(name)} open={breaker === name} onOpen={onOpen} />
              ) : null
            })}
          </ul>
          {order.names.length === 0 ? (
            <EmptyState
              title="No breaker matches"
              action={<Button onClick={() => void setSearch({ q: null, show: null })}>Clear the filters</Button>}
            >
              {all.length} {all.length === 1 ? 'is' : 'are'} known.
            </EmptyState>
          ) : null}
        </div>
      </div>
      {breaker === null ? null : (
        <Sheet
          label={`Breaker ${breaker}`}
          onClose={close}
          title={
            <div className="grid gap-0.5">
              <h2 className="truncate text-sm font-semibold" title={breaker}>
                {breaker}
              </h2>
              {open ? <StateLabel {...shown(open)} className="text-xs" /> : null}
            </div>
          }
        >
          <BreakerDetail key={breaker} name={breaker} tile={open} />
        </Sheet>
      )}
    </div>
  )
}
