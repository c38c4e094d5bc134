'use client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Fragment, type ReactNode, type RefObject, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'

/** From here on only the rows in sight exist. Below it the browser's own search finds every row. */
const VIRTUAL_FROM = 100

export interface RowsHandle {
  /** brings the row into sight and then focuses what carries `data-row` with its key */
  focus: (key: string) => void
}

interface RowsProps {
  keys: readonly string[]
  /** px, before a row has been measured */
  estimate: number
  /** what scrolls */
  scroller: RefObject<HTMLElement | null>
  handle?: RefObject<RowsHandle | null>
  render: (key: string, at: number) => ReactNode
}

/** The rows of a table, however many; the height of each is its own. */
export function Rows(props: RowsProps) {
  return props.keys.length > VIRTUAL_FROM ? <VirtualRows {...props} /> : <PlainRows {...props} />
}

function PlainRows({ keys, handle, render }: RowsProps) {
  const body = useRef<HTMLDivElement>(null)
  useImperativeHandle(handle, () => ({ focus: (key) => focusRow(body.current, key) }), [])
  return (
    <div role="rowgroup" ref={body}>
      {keys.map((key, at) => (
        <Fragment key={key}>{render(key, at)}</Fragment>
      ))}
    </div>
  )
}

function VirtualRows({ keys, estimate, scroller, handle, render }: RowsProps) {
  const body = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const [outer, inner] = [scroller.current, body.current]
    if (!outer || !inner) return
    const measure = () =>
      setTop(inner.getBoundingClientRect().top - outer.getBoundingClientRect().top + outer.scrollTop)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(outer)
    return () => observer.disconnect()
  }, [scroller])
  const virtual = useVirtualizer({
    count: keys.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => estimate,
    getItemKey: (at) => keys[at] as string,
    overscan: 12,
    scrollMargin: top,
    // What is rendered on the server and before the first measurement.
    initialRect: { width: 1_000, height: 900 },
  })
  useImperativeHandle(
    handle,
    () => ({
      focus: (key) => {
        virtual.scrollToIndex(keys.indexOf(key))
        requestAnimationFrame(() => requestAnimationFrame(() => focusRow(body.current, key)))
      },
    }),
    [keys, virtual],
  )
  return (
    <div role="rowgroup" ref={body} className="relative" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map((item) => (
        <div
          key={item.key}
          role="presentation"
          ref={virtual.measureElement}
          data-index={item.index}
          className="absolute inset-x-0 top-0"
          style={{ transform: `translateY(${item.start - top}px)` }}
        >
          {render(keys[item.index] as string, item.index)}
        </div>
      ))}
    </div>
  )
}

function focusRow(body: HTMLElement | null, key: string): void {
  const row = body?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`)
  row?.focus({ preventScroll: true })
  row?.scrollIntoView({ block: 'nearest' })
}
