'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { pack } from './dense'
import { arrange, type Flow } from './elk'
import type { Point } from './geometry'
import type { MapShape } from './graph'
import { anchor, EMPTY_LAYOUT, isPlaced, type Layout, moveNode, placeNew, strayShare, wantsArranging } from './layout'
import { parse, serialise } from './layout-text'

/** A fleet that starts shows up piece by piece; for this long after the first sight the map may still arrange itself. */
const SETTLING_MS = 30_000
/** A remembered map that lacks more than this share of its lines is arranged anew when it is opened. */
const STRAY_MAX = 0.2

export type Arranged = 'restored' | 'arranged' | 'placed' | 'moved'

interface State {
  key: string
  layout: Layout
  /** how the layout came about, and a number that grows each time: what the view follows */
  by: Arranged
  turn: number
}

export interface MapLayout {
  /** null until the first places are known */
  layout: Layout | null
  by: Arranged
  turn: number
  busy: boolean
  arrangeAll(): void
  move(id: string, to: Point): void
  /** says that a person has begun to work with the map: from now on it keeps still */
  touch(): void
}

const storageKey = (key: string) => `holdfast.map.${key}`

/** Where things stand, for one way of grouping. Remembered by the browser; computed only when the shape changes. */
export function useLayout(shape: MapShape, grouping: string, pivot: string | null, flow: Flow): MapLayout {
  const key = flow === 'RIGHT' ? grouping : `${grouping} down`
  const [state, setState] = useState<State | null>(null)
  const [busy, setBusy] = useState(false)
  const bornAt = useRef<number | null>(null)
  const touched = useRef(false)
  const latest = useRef({ shape, state })
  latest.current = { shape, state }

  const run = useCallback(
    async (target: MapShape, turnKey: string, held: { id: string; at: Point } | null) => {
      setBusy(true)
      try {
        const arranged = await arrange(target, flow).catch((error: unknown) => {
          console.warn('The layout worker could not be used; the map is packed instead.', error)
          return pack(target)
        })
        const placed = held ? anchor(arranged, held.id, held.at) : arranged
        setState((s) => ({
          key: turnKey,
          // Another shape may have come while this one was being arranged.
          layout: placeNew(latest.current.shape, placed),
          by: 'arranged',
          turn: (s?.turn ?? 0) + 1,
        }))
      } finally {
        setBusy(false)
      }
    },
    [flow],
  )

  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape's key stands for the shape
  useEffect(() => {
    const current = latest.current.state
    const now = performance.now()
    const same = current?.key === key
    const known = same ? current.layout : (parse(readStorage(key)) ?? EMPTY_LAYOUT)
    if (shape.nodes.length === 0) return
    const restored = !same && known.places.size > 0
    if (bornAt.current === null) bornAt.current = restored ? now - SETTLING_MS : now
    const settling = now - bornAt.current < SETTLING_MS && !touched.current
    const aged = !same && !known.byHand && strayShare(shape, known) > STRAY_MAX
    if (wantsArranging(shape, known) || aged || (same && settling && !known.byHand && !isDrawn(shape, known))) {
      const held = pivot === null ? null : (current?.layout.places.get(pivot) ?? null)
      void run(shape, key, held && pivot !== null ? { id: pivot, at: held } : null)
      return
    }
    const layout = placeNew(shape, known)
    if (same && layout === known) return
    setState((s) => ({ key, layout, by: same ? 'placed' : 'restored', turn: (s?.turn ?? 0) + 1 }))
  }, [shape.key, key, run])

  useEffect(() => {
    if (state) writeStorage(state.key, serialise(state.layout))
  }, [state])

  const arrangeAll = useCallback(() => {
    touched.current = false
    void run(latest.current.shape, key, null)
  }, [run, key])

  const move = useCallback((id: string, to: Point) => {
    touched.current = true
    setState((s) => s && { ...s, layout: moveNode(latest.current.shape, s.layout, id, to), by: 'moved' })
  }, [])

  const touch = useCallback(() => {
    touched.current = true
  }, [])

  const usable = state && state.key === key && isPlaced(shape, state.layout) ? state.layout : null
  // While new places are computed the old map stays on screen, as far as its nodes still exist.
  const layout = usable ?? (state ? placeNew(shape, state.layout) : null)
  return { layout, by: state?.by ?? 'restored', turn: state?.turn ?? 0, busy, arrangeAll, move, touch }
}

/** Does every node and line of the shape stand as it was arranged? */
function isDrawn(shape: MapShape, layout: Layout): boolean {
  return isPlaced(shape, layout) && strayShare(shape, layout) === 0
}

function readStorage(key: string): string | null {
  try {
    return localStorage.getItem(storageKey(key))
  } catch {
    return null
  }
}

function writeStorage(key: string, text: string): void {
  try {
    localStorage.setItem(storageKey(key), text)
  } catch {
    // A full or forbidden storage only means that places are not remembered.
  }
}
