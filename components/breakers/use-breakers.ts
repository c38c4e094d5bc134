'use client'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useEffect, useState } from 'react'
import type { BreakerTile, BreakerWatchMessage } from '@/core/breaker-view'
import { usePaused } from '../live'
import { useTRPC } from '../trpc'

const AGAIN_MS = 1_000

/** All breakers, kept current by one stream while the page is open; stands still while paused. */
export function useBreakers(first: readonly BreakerTile[]): ReadonlyMap<string, BreakerTile> {
  const trpc = useTRPC()
  const paused = usePaused()
  const [tiles, setTiles] = useState<ReadonlyMap<string, BreakerTile>>(() => new Map(first.map((t) => [t.name, t])))
  const { status, reset } = useSubscription(
    trpc.breakers.watch.subscriptionOptions(
      { data: { names: 'all', view: 'tiles' } },
      {
        enabled: !paused,
        onData({ data }) {
          const message = data as BreakerWatchMessage
          if (message.type !== 'tiles') return
          setTiles((before) => {
            const after = message.full ? new Map<string, BreakerTile>() : new Map(before)
            for (const name of message.removed) after.delete(name)
            for (const tile of message.tiles) after.set(tile.name, tile)
            return after
          })
        },
      },
    ),
  )
  useEffect(() => {
    if (status !== 'error') return
    const timer = setTimeout(reset, AGAIN_MS)
    return () => clearTimeout(timer)
  }, [status, reset])
  return tiles
}
