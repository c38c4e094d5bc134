import { describe, expect, it } from 'vitest'
import { advance, busiest, emptyStream, filledStream, lineWidth, spacing, speed } from './dots.ts'

const flow = (ratePerSec: number, errorShare = 0, p50Ms: number | null = 20) => ({ ratePerSec, errorShare, p50Ms })

function run(stream: ReturnType<typeof emptyStream>, f: ReturnType<typeof flow>, length: number, ms: number) {
  let sent = 0
  let failed = 0
  for (let t = 0; t < ms; t += 16) {
    const before = new Set(stream.dots)
    advance(stream, f, length, 16)
    for (const dot of stream.dots) {
      if (before.has(dot)) continue
      sent++
      if (dot.failed) failed++
    }
  }
  return { sent, failed }
}

describe('dots', () => {
  it('come closer with the rate and faster with quick answers', () => {
    expect(spacing(1)).toBeGreaterThan(spacing(10))
    expect(spacing(10)).toBeGreaterThan(spacing(100))
    expect(spacing(0)).toBe(Number.POSITIVE_INFINITY)
    expect(spacing(1e9)).toBeCloseTo(13)
    expect(speed(5)).toBeGreaterThan(speed(50))
    expect(speed(0)).toBeCloseTo(150)
    expect(speed(1e9)).toBeCloseTo(26)
    expect(lineWidth(0)).toBe(1)
    expect(lineWidth(100)).toBeGreaterThan(lineWidth(1))
  })
  it('are none without traffic, and those under way still arrive', () => {
    const stream = filledStream(flow(50), 400)
    expect(stream.dots.length).toBeGreaterThan(5)
    run(stream, flow(0), 400, 20_000)
    expect(stream.dots).toEqual([])
  })
  it('never leave the line', () => {
    const stream = emptyStream()
    run(stream, flow(1000), 300, 5000)
    for (const dot of stream.dots) {
      expect(dot.at).toBeGreaterThanOrEqual(0)
      expect(dot.at).toBeLessThanOrEqual(300)
    }
  })
  it('fail in the share in which calls fail', () => {
    const { sent, failed } = run(emptyStream(), flow(500, 0.25), 300, 60_000)
    expect(failed / sent).toBeCloseTo(0.25, 1)
    expect(run(emptyStream(), flow(500, 0), 300, 10_000).failed).toBe(0)
    expect(run(emptyStream(), flow(0.5, 1), 300, 60_000).failed).toBeGreaterThan(0)
  })
  it('do not jump when figures change: only what sets out later is different', () => {
    const stream = filledStream(flow(10), 400)
    const before = stream.dots.map((d) => d.at)
    advance(stream, flow(800), 400, 16)
    const step = (speed(20) * 16) / 1000
    const kept = stream.dots.slice(0, before.length)
    kept.forEach((dot, i) => {
      expect(dot.at).toBeCloseTo((before[i] as number) + step)
    })
  })
  it('do not pour out after the tab slept', () => {
    const stream = filledStream(flow(100), 400)
    const before = stream.dots.length
    advance(stream, flow(100), 400, 3_600_000)
    expect(Math.abs(stream.dots.length - before)).toBeLessThan(4)
  })
  it('move on the busiest lines only', () => {
    const lines = Array.from({ length: 300 }, (_, i) => ({ id: `l${i}`, ratePerSec: i % 150 }))
    const picked = busiest(lines)
    expect(picked).toHaveLength(100)
    expect(Math.min(...picked.map((l) => l.ratePerSec))).toBe(100)
    expect(busiest([{ id: 'a', ratePerSec: 0 }])).toEqual([])
  })
})
