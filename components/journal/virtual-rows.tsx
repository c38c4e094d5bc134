'use client'

/** A long list of rows of which only those in sight are drawn. Arrow keys, Home and End go from row to row. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'

/** Estimates for the first paint; rows are measured as soon as they are drawn. */
const ROW_PX = 37
const FIRST_PAINT = { width: 1_200, height: 900 }

export function VirtualRows<T>(props: {
  label: string
  items: readonly T[]
  keyOf: (item: T) => number
  children: (item: T) => ReactNode
  /** comes near the end of what is loaded */
  onEnd: () => void
  footer: ReactNode
  /** is somebody reading here, so that rows must not move? */
  onReading: (reading: boolean) => void
}) {
  const { items, keyOf, onEnd, onReading } = props
  const scroller = useRef<HTMLDivElement>(null)
  const reasons = useRef({ pointer: false, scrolled: false, focus: false })
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => keyOf(items[at] as T),
    initialRect: FIRST_PAINT,
    overscan: 12,
  })
  const drawn = rows.getVirtualItems()
  const last = drawn.at(-1)?.index ?? 0

  useEffect(() => {
    if (items.length > 0 && last >= items.length - 20) onEnd()
  }, [items.length, last, onEnd])

  function tell(change: Partial<typeof reasons.current>) {
    Object.assign(reasons.current, change)
    const { pointer, scrolled, focus } = reasons.current
    onReading(pointer || scrolled || focus)
  }

  function onKeyDown(event: KeyboardEvent) {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return
    const at = Number(row.dataset.index)
    const page = Math.max(1, drawn.length - 24)
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: items.length - 1,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const target = Math.min(Math.max(to, 0), items.length - 1)
    rows.scrollToIndex(target)
    focusRow(scroller.current, target)
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys between rows, each of which holds a button of its own
    <div
      ref={scroller}
      className="min-h-0 flex-1 overflow-y-auto"
      onPointerEnter={(event) => event.pointerType === 'mouse' && tell({ pointer: true })}
      onPointerLeave={() => tell({ pointer: false })}
      onFocus={() => tell({ focus: true })}
      onBlur={(event) => tell({ focus: event.currentTarget.contains(event.relatedTarget) })}
      onScroll={(event) => tell({ scrolled: event.currentTarget.scrollTop > ROW_PX })}
      onKeyDown={onKeyDown}
    >
      <ol aria-label={props.label} className="relative" style={{ height: rows.getTotalSize() }}>
        {drawn.map((row) => (
          <li
            key={row.key}
            ref={rows.measureElement}
            data-index={row.index}
            aria-setsize={items.length}
            aria-posinset={row.index + 1}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${row.start}px)` }}
          >
            {props.children(items[row.index] as T)}
          </li>
        ))}
      </ol>
      {props.footer}
    </div>
  )
}

/** The row may be drawn only in the next frames. */
function focusRow(scroller: HTMLElement | null, index: number, tries = 5): void {
  const target = scroller?.querySelector<HTMLElement>(`[data-index="${index}"] [data-row]`)
  if (target) target.focus({ preventScroll: true })
  else if (tries > 0) requestAnimationFrame(() => focusRow(scroller, index, tries - 1))
}
