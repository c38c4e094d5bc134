'use client'

import type { MapShape } from './graph'
import { type Focus, MapStoreProvider } from './map-store'
import { TopologyMap } from './topology-map'
import { useLayout } from './use-layout'
import type { MapViews } from './views'

export interface MapAreaProps {
  shape: MapShape
  layoutKey: string
  views: MapViews
  focus: Focus
  chosen: string | null
  still: boolean
  narrow: boolean
  onChoose: (id: string | null) => void
  onOpen: (id: string) => void
}

/** Places and figures come together here. */
export function MapArea({ shape, layoutKey, views, focus, chosen, still, narrow, onChoose, onOpen }: MapAreaProps) {
  const layout = useLayout(shape, layoutKey, chosen, narrow ? 'DOWN' : 'RIGHT')
  return (
    <MapStoreProvider views={views} focus={focus}>
      <TopologyMap shape={shape} layout={layout} chosen={chosen} still={still} onChoose={onChoose} onOpen={onOpen} />
    </MapStoreProvider>
  )
}
