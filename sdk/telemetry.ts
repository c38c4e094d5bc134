import { Sketch } from '../core/sketch.ts'
import type { EdgeReport } from './api.ts'
import type { Connection } from './connection.ts'
import type { Time } from './time.ts'

/** Callees and protocols told apart by one process. */
export const EDGES_MAX = 200
const INTERVAL_MS = 1_000

export interface Observation {
  /** the service that was called */
  callee: string
  /** `http`, `grpc`, `sql`, …; default `http` */
  protocol?: string | undefined
  durationMs: number
  failed?: boolean | undefined
}

interface Edge {
  callee: string
  protocol: string
  count: number
  errors: number
  sketch: Sketch
}

/**
 * Counts what this service calls and how long it takes, per callee and protocol, and tells the control plane once a
 * second. A report that cannot be delivered is dropped: figures of a time that has gone by would only be mistaken for
 * the present.
 */
export class Telemetry {
  readonly #connection: Connection
  readonly #time: Time
  readonly #identity: () => { id: string; generation: number } | null
  #edges = new Map<string, Edge>()
  #since = 0
  #cancel: (() => void) | null = null
  /** observations that found no room among the edges, since the start */
  overflowed = 0

  constructor(connection: Connection, time: Time, identity: () => { id: string; generation: number } | null) {
    this.#connection = connection
    this.#time = time
    this.#identity = identity
  }

  record({ callee, protocol = 'http', durationMs, failed = false }: Observation): void {
    const key = `${protocol} ${callee}`
    let edge = this.#edges.get(key)
    if (!edge) {
      if (this.#edges.size >= EDGES_MAX) {
        this.overflowed++
        return
      }
      if (this.#edges.size === 0) this.#since = this.#time.monotonic()
      edge = { callee, protocol, count: 0, errors: 0, sketch: new Sketch() }
      this.#edges.set(key, edge)
    }
    edge.count++
    if (failed) edge.errors++
    if (durationMs >= 0 && Number.isFinite(durationMs)) edge.sketch.add(durationMs)
    // Nothing runs while nothing is called.
    this.#cancel ??= this.#time.after(INTERVAL_MS, () => {
      this.#cancel = null
      void this.flush(INTERVAL_MS)
    })
  }

  /** Sends what has been counted since the last time, or drops it. Never throws. */
  async flush(timeoutMs: number): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    const edges = this.#edges
    this.#edges = new Map()
    const identity = this.#identity()
    if (edges.size === 0 || !identity || !this.#connection.isOpen) return
    const data = {
      instanceId: identity.id,
      generation: identity.generation,
      intervalMs: Math.min(60_000, Math.max(100, Math.round(this.#time.monotonic() - this.#since))),
      edges: [...edges.values()].map(report),
    }
    await this.#connection.call('telemetry.report', { data }, timeoutMs).catch(() => undefined)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#edges.clear()
  }
}

function report({ callee, protocol, count, errors, sketch }: Edge): EdgeReport {
  return { callee, protocol, count, errors, sketch: sketch.count > 0 ? sketch.toWire() : null }
}
