'use client'

import Link from 'next/link'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { BreakerTile } from '@/core/breaker-view'
import { useBreakers } from '../breakers/use-breakers'
import { causeWord, shown } from '../breakers/words'
import { StateGlyph, StateLabel } from '../ui/state'

type Marks = ReadonlyMap<string, BreakerTile>

const NONE: Marks = new Map()
const Context = createContext<Marks>(NONE)

/** Breakers of whole services that are not simply closed, by service: for the lines that lead there. */
export function BreakerMarks({ children }: { children: ReactNode }) {
  const tiles = useBreakers([])
  const marked = [...tiles.values()].filter(
    (tile) => tile.name === tile.service && (tile.effective !== 'closed' || tile.override !== null),
  )
  const key = marked.map((tile) => `${tile.name} ${shown(tile).word}`).join('\n')
  // Figures change all the time; lines are drawn anew only when a state does.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what of it is drawn
  const marks = useMemo<Marks>(() => new Map(marked.map((tile) => [tile.name, tile])), [key])
  return <Context value={marks}>{children}</Context>
}

/** On a line: shape and word of the breaker it passes, unless that is closed. */
export function BreakerMark({ callee }: { callee: string }) {
  const tile = useContext(Context).get(callee)
  if (!tile) return null
  const { state, word } = shown(tile)
  return (
    <span className="label-first">
      <StateGlyph state={state} size={10} /> breaker {word}
    </span>
  )
}

/** In the panel of a line. */
export function BreakerNote({ callee }: { callee: string }) {
  const tile = useContext(Context).get(callee)
  if (!tile) return null
  return (
    <p className="grid gap-0.5 text-sm">
      <Link
        href={`/breakers?breaker=${encodeURIComponent(tile.name)}`}
        className="flex items-center gap-2 hover:underline"
      >
        Breaker <StateLabel {...shown(tile)} />
      </Link>
      <span className="text-xs text-muted">{causeWord(tile)}</span>
    </p>
  )
}
