import { describe, expect, it } from 'vitest'
import { along, bounds, connect, near, neighbour, throughPoints, toPath, toTrack } from './geometry.ts'

const box = (x: number, y: number) => ({ x, y, width: 100, height: 40 })

describe('curves', () => {
  it('leave from the side that faces the other box', () => {
    expect(connect(box(0, 0), box(300, 100))[0]).toEqual({ x: 100, y: 20 })
    expect(connect(box(0, 0), box(300, 100)).at(-1)).toEqual({ x: 300, y: 120 })
    expect(connect(box(300, 0), box(0, 0))[0]).toEqual({ x: 300, y: 20 })
    expect(connect(box(0, 0), box(20, 100)).map((p) => p.y)).toEqual([40, 67, 73, 100])
  })
  it('go around what may stand between two boxes of a column', () => {
    const curve = connect(box(0, 0), box(20, 300))
    expect([curve[0]?.x, curve[3]?.x]).toEqual([100, 120])
    expect(curve[1]?.x).toBeGreaterThan(150)
  })
  it('of the same pair run side by side', () => {
    const [a, b] = [connect(box(0, 0), box(300, 0), -0.5), connect(box(0, 0), box(300, 0), 0.5)]
    expect((b[0]?.y ?? 0) - (a[0]?.y ?? 0)).toBe(22)
  })
  it('of a service that calls itself leave and return', () => {
    const track = toTrack(connect(box(0, 0), box(0, 0)))
    expect(track.length).toBeGreaterThan(60)
  })
  it('are walked by distance, from end to end and not beyond', () => {
    const track = toTrack(connect(box(0, 0), box(300, 0)))
    expect(track.length).toBeCloseTo(200)
    expect(along(track, 50).x).toBeCloseTo(150)
    expect(along(track, -5)).toEqual({ x: 100, y: 20 })
    expect(along(track, 1e9)).toEqual({ x: 300, y: 20 })
  })
  it('go through points in straight pieces', () => {
    const curve = throughPoints([
      { x: 0, y: 0 },
      { x: 30, y: 0 },
      { x: 30, y: 60 },
    ])
    expect(curve).toHaveLength(7)
    expect(toTrack(curve).length).toBeCloseTo(90)
    expect(throughPoints([])).toEqual([])
  })
  it('become an SVG path', () => {
    expect(toPath(connect(box(0, 0), box(300, 0)))).toBe('M100 20C190 20 210 20 300 20')
    expect(toPath([])).toBe('')
  })
})

describe('boxes', () => {
  it('know when they come too near', () => {
    expect(near(box(0, 0), box(120, 0), 24)).toBe(true)
    expect(near(box(0, 0), box(124, 0), 24)).toBe(false)
  })
  it('have a box around them', () => {
    expect(bounds([])).toBeNull()
    expect(bounds([box(0, 0), box(50, 90)])).toEqual({ x: 0, y: 0, width: 150, height: 130 })
  })
  it('lead to the nearest neighbour in the direction of the key', () => {
    const others = [
      { id: 'east', box: box(200, 0) },
      { id: 'far east', box: box(500, 0) },
      { id: 'south', box: box(0, 200) },
    ]
    expect(neighbour(box(0, 0), others, 'right')?.id).toBe('east')
    expect(neighbour(box(0, 0), others, 'down')?.id).toBe('south')
    expect(neighbour(box(0, 0), others, 'left')).toBeNull()
  })
})
