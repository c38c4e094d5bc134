'use client'
import { useNow } from '../ui/ago'
import { formatAge } from '../ui/figure'

/** Whole seconds since a moment of the server's clock, added to what had passed by then. */
export function Since({ ms, at }: { ms: number; at: number }) {
  const now = useNow()
  return <span suppressHydrationWarning>{formatAge(ms + (now === null ? 0 : Math.max(0, now - at)))}</span>
}

/** How much of a lease is left: a bar that drains, and the time in words. */
export function LeaseLeft(props: { leftMs: number; ttlMs: number; at: number }) {
  const now = useNow()
  const left = Math.max(0, props.leftMs - (now === null ? 0 : Math.max(0, now - props.at)))
  const share = Math.min(1, left / props.ttlMs)
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden className="h-1.5 w-14 overflow-hidden rounded-full bg-line">
        <span
          className={`block h-full rounded-full ${share < 0.25 ? 'bg-warning' : 'bg-healthy'}`}
          style={{ width: `${Math.round(share * 100)}%` }}
        />
      </span>
      <span className="w-12 text-right" suppressHydrationWarning>
        {formatAge(left)}
      </span>
    </span>
  )
}
