'use client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** From so many rows on, only those in sight exist. Below, the browser's own search finds every row. */
const VIRTUAL_FROM = 80
/** Rows drawn on the server and before the first measurement. */
const FIRST_PAINT = { width: 1_000, height: 900 }

interface Props {
  label: string
  keys: readonly string[]
  /** px, before a row has been measured */
  heightOf: (at: number) => number
  /** brought into sight when it changes; -1: none */
  shown: number
  render: (at: number) => ReactNode
  className?: string
}

/** A list of rows, however many. Arrow keys go from row to row, and stay in their column (`data-column`). */
export function TallList(props: Props) {
  return props.keys.length < VIRTUAL_FROM ? <Plain {...props} /> : <Virtual {...props} />
}

function Plain(props: Props) {
  const { shown } = props
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    if (shown >= 0) list.current?.children[shown]?.scrollIntoView({ block: 'nearest' })
  }, [shown])
  return (
    <ol
      ref={list}
      aria-label={props.label}
      className={props.className}
      onKeyDown={(event) => onArrow(event, props.keys.length, (at, column) => focusRow(list.current, at, column, 0))}
    >
      {props.keys.map((key, at) => (
        <li key={key} data-index={at}>
          {props.render(at)}
        </li>
      ))}
    </ol>
  )
}

function Virtual(props: Props) {
  const { keys, heightOf, shown } = props
  const list = useRef<HTMLOListElement>(null)
  const scroller = useRef<HTMLElement | null>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const own = list.current
    const outer = scrollerOf(own)
    scroller.current = outer
    if (!own || !outer) return
    const measure = () => setTop(own.getBoundingClientRect().top - outer.getBoundingClientRect().top + outer.scrollTop)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(outer)
    return () => observer.disconnect()
  }, [])
  const rows = useVirtualizer({
    count: keys.length,
    getScrollElement: () => scroller.current,
    estimateSize: heightOf,
    getItemKey: (at) => keys[at] as string,
    overscan: 10,
    scrollMargin: top,
    initialRect: FIRST_PAINT,
  })
  useEffect(() => {
    if (shown >= 0) rows.scrollToIndex(shown, { align: 'auto' })
  }, [shown, rows])
  return (
    <ol
      ref={list}
      aria-label={props.label}
      className={props.className}
      style={{ position: 'relative', height: rows.getTotalSize() }}
      onKeyDown={(event) =>
        onArrow(event, keys.length, (at, column) => {
          rows.scrollToIndex(at, { align: 'auto' })
          focusRow(list.current, at, column, 5)
        })
      }
    >
      {rows.getVirtualItems().map((row) => (
        <li
          key={row.key}
          ref={rows.measureElement}
          data-index={row.index}
          aria-setsize={keys.length}
          aria-posinset={row.index + 1}
          className="absolute inset-x-0 top-0"
          style={{ transform: `translateY(${row.start - top}px)` }}
        >
          {props.render(row.index)}
        </li>
      ))}
    </ol>
  )
}

function scrollerOf(element: HTMLElement | null): HTMLElement | null {
  for (let outer = element?.parentElement ?? null; outer; outer = outer.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(outer).overflowY)) return outer
  }
  return null
}

function onArrow(event: KeyboardEvent, count: number, go: (at: number, column: string) => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const from = (event.target as HTMLElement).closest<HTMLElement>('[data-column]')
  const row = from?.closest<HTMLElement>('[data-index]')
  if (!from || !row) return
  const at = Number(row.dataset.index)
  const column = from.dataset.column as string
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    const columns = [...row.querySelectorAll<HTMLElement>('[data-column]:not(:disabled)')]
    const next = columns[columns.indexOf(from) + (event.key === 'ArrowRight' ? 1 : -1)]
    if (!next) return
    event.preventDefault()
    next.focus()
    return
  }
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: count - 1 }[event.key]
  if (to === undefined || to < 0 || to >= count) return
  event.preventDefault()
  go(to, column)
}

/** The row may be drawn only in the next frames. A row without that column gives the focus to its first. */
function focusRow(list: HTMLElement | null, at: number, column: string, tries: number): void {
  const row = list?.querySelector<HTMLElement>(`[data-index="${at}"]`)
  const target =
    row?.querySelector<HTMLElement>(`[data-column="${column}"]:not(:disabled)`) ??
    row?.querySelector<HTMLElement>('[data-column]:not(:disabled)')
  if (target) target.focus()
  else if (tries > 0) requestAnimationFrame(() => focusRow(list, at, column, tries - 1))
}
