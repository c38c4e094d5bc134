'use client'

import { createContext, type ReactNode, useContext, useLayoutEffect, useState, useSyncExternalStore } from 'react'
import { type LineView, type MapViews, NO_VIEWS, type NodeView } from './views'

/** What is lit, chosen and seen; beside the figures because it changes on its own. */
export interface Focus {
  /** null: everything is lit */
  lit: ReadonlySet<string> | null
  /** id of the chosen node or line */
  chosen: string | null
  /** the chosen and its neighbours; null without a choice */
  around: ReadonlySet<string> | null
}

const NO_FOCUS: Focus = { lit: null, chosen: null, around: null }

/** Holds the views outside React, so that each node and line redraws for itself alone. */
export class MapStore {
  views: MapViews = NO_VIEWS
  focus: Focus = NO_FOCUS
  /** is the map near enough for figures on its lines? */
  near = true
  readonly #listeners = new Set<() => void>()

  set(views: MapViews, focus: Focus): void {
    this.views = views
    this.focus = focus
    for (const listener of this.#listeners) listener()
  }

  setNear(near: boolean): void {
    if (near === this.near) return
    this.near = near
    for (const listener of this.#listeners) listener()
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

const Context = createContext<MapStore | null>(null)

export function MapStoreProvider(props: { views: MapViews; focus: Focus; children: ReactNode }) {
  const [store] = useState(() => {
    const made = new MapStore()
    made.set(props.views, props.focus)
    return made
  })
  const { views, focus } = props
  useLayoutEffect(() => store.set(views, focus), [store, views, focus])
  return <Context value={store}>{props.children}</Context>
}

export function useMapStore(): MapStore {
  const store = useContext(Context)
  if (!store) throw new Error('A part of the map was drawn outside of it.')
  return store
}

function useSelected<T>(read: (store: MapStore) => T): T {
  const store = useMapStore()
  const get = () => read(store)
  return useSyncExternalStore(store.subscribe, get, get)
}

export const useNodeView = (id: string): NodeView | undefined => useSelected((s) => s.views.nodes.get(id))
export const useLineView = (id: string): LineView | undefined => useSelected((s) => s.views.lines.get(id))

/** From afar no line draws its figures: a thousand labels that cannot be read cost a tenth of a second per update. */
export const useNear = (): boolean => useSelected((s) => s.near)

export type Emphasis = 'chosen' | 'lit' | 'dim'

/** How a node is drawn: a search dims what it does not find, a choice what it does not touch. */
export function useNodeEmphasis(id: string): Emphasis {
  return useSelected(({ focus }) => {
    if (focus.chosen === id) return 'chosen'
    if (focus.lit && !focus.lit.has(id)) return 'dim'
    return focus.around && !focus.around.has(id) ? 'dim' : 'lit'
  })
}

/** A line is as lit as its ends. */
export function lineEmphasis(focus: Focus, id: string, source: string, target: string): Emphasis {
  if (focus.chosen === id) return 'chosen'
  if (focus.lit && !(focus.lit.has(source) && focus.lit.has(target))) return 'dim'
  return focus.around && !focus.around.has(id) ? 'dim' : 'lit'
}

export const useLineEmphasis = (id: string, source: string, target: string): Emphasis =>
  useSelected(({ focus }) => lineEmphasis(focus, id, source, target))
