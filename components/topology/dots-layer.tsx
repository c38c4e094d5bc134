'use client'

import { useReactFlow, useStoreApi, ViewportPortal } from '@xyflow/react'
import { useEffect, useRef, useState } from 'react'
import { advance, busiest, type Flow, filledStream, type Stream } from './dots'
import { along, type Track } from './geometry'
import { lineEmphasis, useMapStore } from './map-store'
import type { LineEdge } from './traffic-line'

/** 30 frames a second: smooth to the eye at these speeds, half the work of 60. */
const FRAME_MS = 33
/** Smaller than this on screen, dots are dust. */
const ZOOM_MIN = 0.32

interface Moving {
  track: Track
  stream: Stream
}

/**
 * Moving dots on one canvas between lines and nodes: a thousand of them cost one drawing, where a thousand elements would
 * cost a thousand layouts. Still under reduced motion, while paused, and while the tab is hidden.
 */
export function DotsLayer({ edges, still }: { edges: readonly LineEdge[]; still: boolean }) {
  // The portal's target exists only after the first paint, and the canvas with it.
  const [element, setElement] = useState<HTMLCanvasElement | null>(null)
  const store = useMapStore()
  const flow = useStoreApi()
  const { getViewport } = useReactFlow()
  const lines = useRef(new Map<string, LineEdge>())
  lines.current = new Map(edges.map((edge) => [edge.id, edge]))

  useEffect(() => {
    const context = element?.getContext('2d')
    if (!element || !context) return
    const reduced = matchMedia('(prefers-reduced-motion: reduce)')
    const moving = new Map<string, Moving>()
    let colours = readColours(element)
    const themes = new MutationObserver(() => {
      colours = readColours(element)
    })
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })

    const draw = (elapsedMs: number) => {
      const { width, height } = flow.getState()
      const { x, y, zoom } = getViewport()
      const scale = Math.min(2, devicePixelRatio)
      const [w, h] = [Math.round(width * scale), Math.round(height * scale)]
      if (element.width !== w || element.height !== h) {
        element.width = w
        element.height = h
      }
      // The canvas lives inside the moving plane, beneath the nodes; undoing the plane's transform pins it to the screen.
      element.style.cssText = `width:${width}px;height:${height}px;transform:scale(${1 / zoom}) translate(${-x}px,${-y}px)`
      context.setTransform(1, 0, 0, 1, 0, 0)
      context.clearRect(0, 0, w, h)
      if (still || reduced.matches || zoom < ZOOM_MIN) return moving.clear()
      context.setTransform(scale * zoom, 0, 0, scale * zoom, x * scale, y * scale)
      const radius = 2.4 / Math.max(0.85, Math.min(1, zoom))
      const seen = {
        left: -x / zoom - 8,
        top: -y / zoom - 8,
        right: (width - x) / zoom + 8,
        bottom: (height - y) / zoom + 8,
      }
      const rates = [...lines.current.keys()].map((id) => ({
        id,
        ratePerSec: store.views.lines.get(id)?.traffic.ratePerSec ?? 0,
      }))
      const chosen = new Set(busiest(rates).map((l) => l.id))
      for (const [id, m] of moving) {
        if (!lines.current.has(id) || (!chosen.has(id) && m.stream.dots.length === 0)) moving.delete(id)
      }
      for (const id of new Set([...chosen, ...moving.keys()])) {
        const line = lines.current.get(id)
        const track = line?.data?.track
        if (!line || !track) continue
        const view = store.views.lines.get(id)
        const traffic: Flow = {
          ratePerSec: chosen.has(id) ? (view?.traffic.ratePerSec ?? 0) : 0,
          errorShare: view?.traffic.errorShare ?? 0,
          p50Ms: view?.traffic.p50Ms ?? null,
        }
        const m = moving.get(id) ?? { track, stream: filledStream(traffic, track.length) }
        moving.set(id, m)
        m.track = track
        advance(m.stream, traffic, track.length, elapsedMs)
        context.globalAlpha = lineEmphasis(store.focus, id, line.source, line.target) === 'dim' ? 0.12 : 1
        for (const dot of m.stream.dots) {
          const p = along(track, dot.at)
          if (p.x < seen.left || p.x > seen.right || p.y < seen.top || p.y > seen.bottom) continue
          context.beginPath()
          if (dot.failed) {
            const r = radius * 1.9
            context.fillStyle = colours.failed
            context.moveTo(p.x, p.y - r)
            context.lineTo(p.x + r, p.y)
            context.lineTo(p.x, p.y + r)
            context.lineTo(p.x - r, p.y)
          } else {
            context.fillStyle = colours.dot
            context.arc(p.x, p.y, radius, 0, Math.PI * 2)
          }
          context.fill()
        }
      }
    }

    let frame = 0
    let last = performance.now()
    const tick = (now: number) => {
      frame = requestAnimationFrame(tick)
      if (now - last < FRAME_MS - 4) return
      const elapsed = now - last
      last = now
      draw(elapsed)
    }
    const restart = () => {
      cancelAnimationFrame(frame)
      if (document.hidden) return
      last = performance.now()
      if (still || reduced.matches) draw(0)
      else frame = requestAnimationFrame(tick)
    }
    restart()
    document.addEventListener('visibilitychange', restart)
    reduced.addEventListener('change', restart)
    return () => {
      cancelAnimationFrame(frame)
      themes.disconnect()
      document.removeEventListener('visibilitychange', restart)
      reduced.removeEventListener('change', restart)
    }
  }, [element, store, flow, getViewport, still])

  return (
    <ViewportPortal>
      <canvas ref={setElement} className="dots-canvas" aria-hidden />
    </ViewportPortal>
  )
}

function readColours(element: Element): { dot: string; failed: string } {
  const style = getComputedStyle(element)
  return {
    dot: style.getPropertyValue('--dot').trim() || style.color,
    failed: style.getPropertyValue('--unhealthy').trim(),
  }
}
