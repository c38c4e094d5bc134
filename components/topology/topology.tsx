'use client'

import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useQueryStates } from 'nuqs'
import { useCallback, useDeferredValue, useMemo, useRef, useSyncExternalStore } from 'react'
import type { HealthState } from '@/core/instance'
import { useConnection, useEdges, useServices } from '../live'
import { BreakerMarks } from './breaker-marks'
import { FaultMarks } from './fault-marks'
import { FirstService } from './first-service'
import { autoGroup, type MapShape, shapeOf } from './graph'
import { layoutKey } from './layout'
import { ListView } from './list-view'
import { LoadMarks } from './load-marks'
import { topologyParams } from './search-params'
import { summarise } from './summary'
import { SummaryStrip } from './summary-strip'
import { Toolbar } from './toolbar'
import { TopologyPanel } from './topology-panel'
import { useFocus, useViews } from './use-views'
import { litNodes, matches } from './views'

const MapArea = dynamic(() => import('./map-area').then((m) => m.MapArea), {
  ssr: false,
  loading: () => <div className="topology-map" />,
})

/** The home page: the fleet in one line, the map or the list, and a panel for what is chosen. */
export function Topology() {
  return (
    <BreakerMarks>
      <FaultMarks>
        <Fleet />
      </FaultMarks>
    </BreakerMarks>
  )
}

function Fleet() {
  const router = useRouter()
  const services = useServices()
  const edges = useEdges()
  const { paused, status } = useConnection()
  const offline = status === 'offline'
  const [params, setParams] = useQueryStates(topologyParams, { history: 'replace', scroll: false })
  const search = useRef<HTMLInputElement>(null)
  const narrow = useNarrow()
  const view = params.view ?? (narrow ? 'list' : 'map')

  const by = params.group === 'auto' ? autoGroup(services) : params.group
  const shape = useShape(services, edges, by, params.open)
  const views = useViews(shape, services, edges)
  const query = useDeferredValue(params.q)
  const lit = useMemo(() => litNodes(shape, services, query, params.state), [shape, services, query, params.state])
  const chosen = chosenId(shape, params)
  const focus = useFocus(shape, lit, chosen)
  const summary = useMemo(() => summarise(services, edges), [services, edges])

  const pending = useRef<Promise<unknown>>(Promise.resolve())
  const choose = useCallback(
    (next: { service?: string; edge?: string; cluster?: string }) => {
      pending.current = setParams({
        service: next.service ?? null,
        edge: next.edge ?? null,
        cluster: next.cluster ?? null,
      })
    },
    [setParams],
  )
  const onService = useCallback((name: string) => choose({ service: name }), [choose])
  const onEdge = useCallback((id: string) => choose({ edge: id }), [choose])
  const onState = useCallback(
    (state: HealthState) =>
      void setParams((p) => ({
        state: p.state.includes(state) ? p.state.filter((s) => s !== state) : [...p.state, state],
      })),
    [setParams],
  )
  const onChoose = useCallback(
    (id: string | null) => {
      if (id === null) return choose({})
      if (id.startsWith('service/') && !id.includes(' → ')) return choose({ service: id.slice(8) })
      if (id.startsWith('group/') && !id.includes(' → ')) return choose({ cluster: id.slice(6) })
      choose({ edge: id })
    },
    [choose],
  )
  const onOpen = useCallback(
    (id: string) => {
      if (id.startsWith('group/')) {
        const name = id.slice(6)
        void setParams((p) => ({
          open: p.open.includes(name) ? p.open.filter((o) => o !== name) : [...p.open, name],
          cluster: null,
        }))
      } else if (id.startsWith('service/')) {
        // The first click of a double one has changed the address; a navigation begun before that is written would be lost.
        void pending.current.then(() => router.push(`/services/${encodeURIComponent(id.slice(8))}`))
      } else choose({ edge: id })
    },
    [router, setParams, choose],
  )

  const listed = useMemo(() => {
    const words = query.trim().toLowerCase()
    const shown = services.filter((s) => matches(s, words, params.state))
    if (words === '' && params.state.length === 0) return { services: shown, edges }
    const names = new Set(shown.map((s) => s.name))
    return { services: shown, edges: edges.filter((e) => names.has(e.caller) || names.has(e.callee)) }
  }, [services, edges, query, params.state])

  if (services.length === 0 && edges.length === 0) return <FirstService />
  const filtered = params.q !== '' || params.state.length > 0
  return (
    <LoadMarks on={params.load}>
      <div className="flex h-full min-h-0 flex-col">
        <SummaryStrip summary={summary} states={params.state} onState={onState} onEdge={onEdge} />
        <Toolbar
          search={search}
          query={params.q}
          onQuery={(q) => void setParams({ q: q === '' ? null : q })}
          onFirst={() => {
            const first = listed.services[0]
            if (first) onService(first.name)
          }}
          found={filtered ? listed.services.length : null}
          filtered={filtered}
          onClear={() => void setParams({ q: null, state: null })}
          grouping={params.group}
          onGrouping={(group) => void setParams({ group, open: null, cluster: null })}
          load={params.load}
          onLoad={(load) => void setParams({ load: load || null, service: null, edge: null, cluster: null })}
          view={view}
          onView={(next) => void setParams({ view: next })}
        />
        <div className="flex min-h-0 flex-1">
          <div className="min-w-0 flex-1" data-stale={offline || undefined}>
            {view === 'map' ? (
              <MapArea
                shape={shape}
                layoutKey={layoutKey(by, params.open)}
                views={views}
                focus={focus}
                chosen={chosen}
                still={paused || offline}
                narrow={narrow}
                onChoose={onChoose}
                onOpen={onOpen}
              />
            ) : (
              <ListView
                services={listed.services}
                edges={listed.edges}
                chosen={params}
                onService={onService}
                onEdge={onEdge}
              />
            )}
          </div>
          <TopologyPanel
            params={params}
            shape={shape}
            views={views}
            onClose={() => choose({})}
            onService={onService}
            onEdge={onEdge}
            onOpen={onOpen}
            onLoadOff={() => void setParams({ load: null })}
          />
        </div>
      </div>
    </LoadMarks>
  )
}

/** The same object until the shape is another one. */
function useShape(
  ...args: Parameters<typeof shapeOf> extends [infer S, infer E, infer B, unknown]
    ? [S, E, B, readonly string[]]
    : never
): MapShape {
  const [services, edges, by, open] = args
  const last = useRef<MapShape | null>(null)
  return useMemo(() => {
    const next = shapeOf(services, edges, by, new Set(open))
    if (last.current?.key !== next.key) last.current = next
    return last.current as MapShape
  }, [services, edges, by, open])
}

function chosenId(
  shape: MapShape,
  params: { service: string | null; edge: string | null; cluster: string | null },
): string | null {
  if (params.service !== null) return shape.nodeOf.get(params.service) ?? null
  if (params.cluster !== null) return `group/${params.cluster}`
  if (params.edge === null) return null
  const id = params.edge
  return shape.lines.find((l) => l.id === id || l.edges.includes(id))?.id ?? null
}

function useNarrow(): boolean {
  return useSyncExternalStore(
    (tell) => {
      const media = matchMedia('(max-width: 767px)')
      media.addEventListener('change', tell)
      return () => media.removeEventListener('change', tell)
    },
    () => matchMedia('(max-width: 767px)').matches,
    () => false,
  )
}
