/** Cuts added up: sums, which may be averaged, and sketches, which may be merged. */
import { Sketch, type SketchWire } from '../../core/sketch.ts'

export interface CutSums {
  count: number
  errors: number
  clamped: number
  networkMs: number
  processingMs: number
  queueMs: number
  unattributedMs: number
}

export class Cuts implements CutSums {
  count = 0
  errors = 0
  clamped = 0
  networkMs = 0
  processingMs = 0
  queueMs = 0
  unattributedMs = 0
  readonly total = new Sketch()
  /** network, processing, queue, unattributed; null where only sums are known */
  parts: Sketch[] | null = null

  get totalMs(): number {
    return this.networkMs + this.processingMs + this.queueMs + this.unattributedMs
  }

  add(report: {
    count: number
    errors: number
    clamped: number
    sumsMs: readonly number[]
    total: Sketch
    parts: readonly Sketch[] | null
  }): void {
    this.count += report.count
    this.errors += report.errors
    this.clamped += report.clamped
    this.networkMs += report.sumsMs[0] ?? 0
    this.processingMs += report.sumsMs[1] ?? 0
    this.queueMs += report.sumsMs[2] ?? 0
    this.unattributedMs += report.sumsMs[3] ?? 0
    this.total.merge(report.total)
    this.#mergeParts(report.parts)
  }

  merge(other: Cuts): void {
    const { networkMs, processingMs, queueMs, unattributedMs, parts } = other
    this.add({ ...other.sums(), sumsMs: [networkMs, processingMs, queueMs, unattributedMs], total: other.total, parts })
  }

  #mergeParts(parts: readonly Sketch[] | null): void {
    if (!parts) return
    this.parts ??= [new Sketch(), new Sketch(), new Sketch(), new Sketch()]
    for (let i = 0; i < 4; i++) this.parts[i]?.merge(parts[i] as Sketch)
  }

  sums(): CutSums {
    const { count, errors, clamped, networkMs, processingMs, queueMs, unattributedMs } = this
    return { count, errors, clamped, networkMs, processingMs, queueMs, unattributedMs }
  }

  encode(): Buffer {
    return Buffer.from(JSON.stringify([this.total, ...(this.parts ?? [])].map((sketch) => sketch.toWire())))
  }

  static decode(row: CutSums & { sketches: Uint8Array }): Cuts {
    const cuts = new Cuts()
    const sketches = (JSON.parse(Buffer.from(row.sketches).toString()) as SketchWire[]).map(
      (wire) => Sketch.fromWire(wire) ?? new Sketch(),
    )
    const { networkMs, processingMs, queueMs, unattributedMs } = row
    cuts.add({
      ...row,
      sumsMs: [networkMs, processingMs, queueMs, unattributedMs],
      total: sketches[0] ?? new Sketch(),
      parts: sketches.length === 5 ? sketches.slice(1) : null,
    })
    return cuts
  }
}
