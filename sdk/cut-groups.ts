/** Requests added up by edge and route, attempts by edge and instance; each quality for itself, in bounded memory. */
import type { CutQuality, LatencyCut } from '../core/latency.ts'
import { Sketch } from '../core/sketch.ts'
import type { CutReport } from './api.ts'

/** Groups of one interval at most. */
export const GROUPS_MAX = 200

interface Group {
  kind: 'route' | 'instance'
  name: string
  quality: CutQuality
  count: number
  errors: number
  clamped: number
  sumsMs: [network: number, processing: number, queue: number, unattributed: number]
  total: Sketch
  /** of requests only: parts of attempts are told by their sums */
  parts: [Sketch, Sketch, Sketch, Sketch] | null
}

/** The groups of one edge. `room`: whether the process may have another one. */
export class CutGroups {
  /** By name, then by quality: a key put together for every call costs more than the sums behind it. */
  readonly #route = new Map<string, Partial<Record<CutQuality, Group>>>()
  readonly #instance = new Map<string, Partial<Record<CutQuality, Group>>>()
  readonly #all: Group[] = []
  readonly #room: () => boolean

  constructor(room: () => boolean) {
    this.#room = room
  }

  /** False where there was no room. */
  add(kind: 'route' | 'instance', name: string, cut: LatencyCut, failed: boolean): boolean {
    const group = this.#group(kind, name, cut.quality)
    if (!group) return false
    group.count++
    if (failed) group.errors++
    if (cut.clamped) group.clamped++
    const { sumsMs, parts } = group
    sumsMs[0] += cut.networkMs
    sumsMs[1] += cut.processingMs
    sumsMs[2] += cut.queueMs
    sumsMs[3] += cut.unattributedMs
    group.total.add(cut.totalMs)
    if (parts === null) return true
    parts[0].add(cut.networkMs)
    parts[1].add(cut.processingMs)
    parts[2].add(cut.queueMs)
    parts[3].add(cut.unattributedMs)
    return true
  }

  #group(kind: 'route' | 'instance', name: string, quality: CutQuality): Group | null {
    const names = kind === 'route' ? this.#route : this.#instance
    const known = names.get(name)?.[quality]
    if (known) return known
    if (!this.#room()) {
      // What has no room of its own is counted with those without a route: the edge stays whole.
      return kind === 'route' ? (names.get('')?.[quality] ?? null) : null
    }
    const group: Group = {
      kind,
      name,
      quality,
      count: 0,
      errors: 0,
      clamped: 0,
      sumsMs: [0, 0, 0, 0],
      total: new Sketch(),
      parts: kind === 'route' ? [new Sketch(), new Sketch(), new Sketch(), new Sketch()] : null,
    }
    const qualities = names.get(name)
    if (qualities) qualities[quality] = group
    else names.set(name, { [quality]: group })
    this.#all.push(group)
    return group
  }

  get size(): number {
    return this.#all.length
  }

  reports(): CutReport[] {
    return this.#all.map(({ total, parts, sumsMs, ...group }) => ({
      ...group,
      sumsMs: sumsMs.map((ms) => Math.round(ms * 1_000) / 1_000),
      total: total.toWire(),
      parts: parts?.map((sketch) => sketch.toWire()) ?? null,
    }))
  }
}
