'use client'

import { useMemo, useRef } from 'react'
import type { EdgeView, ServiceView } from '@/core/topology'
import type { MapShape } from './graph'
import type { Focus } from './map-store'
import { type MapViews, NO_VIEWS, viewsOf } from './views'

/** The views of the moment, each keeping its identity while it says the same. */
export function useViews(shape: MapShape, services: readonly ServiceView[], edges: readonly EdgeView[]): MapViews {
  const last = useRef(NO_VIEWS)
  return useMemo(() => {
    last.current = viewsOf(shape, services, edges, last.current)
    return last.current
  }, [shape, services, edges])
}

/** What is lit: the found, and around a choice its neighbours and the lines to them. */
export function useFocus(shape: MapShape, lit: ReadonlySet<string> | null, chosen: string | null): Focus {
  return useMemo(
    () => ({ lit, chosen, around: chosen === null ? null : aroundOf(shape, chosen) }),
    [shape, lit, chosen],
  )
}

function aroundOf(shape: MapShape, chosen: string): ReadonlySet<string> {
  const around = new Set([chosen])
  for (const line of shape.lines) {
    if (line.id !== chosen && line.source !== chosen && line.target !== chosen) continue
    around.add(line.id)
    around.add(line.source)
    around.add(line.target)
  }
  return around
}
