/**
 * Who works on what: the workers that have asked for tasks, the tasks that wait for one, and the leases that are held.
 * In memory only; what must outlive the process (who holds which fence) is in the runs' events.
 */
import type { Json } from '../../core/saga/definition.ts'
import type { Phase } from '../../core/saga/event.ts'
import { HTTP_QUEUE, type SagaTask } from './task.ts'

export interface LaneRef {
  runId: string
  step: string
  phase: Phase
}

export interface Held extends LaneRef {
  fence: number
  worker: string
  queue: string
  leaseMs: number
  /** of the last sign of life, monotonic */
  beatAt: number
  /** when this attempt has taken too long, monotonic */
  deadlineAt: number
  /** how far its worker says it is; `at`: milliseconds since the epoch */
  progress: { value: Json; at: number } | null
}

export interface WorkerSession {
  worker: string
  actor: string
  /** `queue/task` */
  keys: readonly string[]
  /** 0 when it drains */
  capacity: number
  push(task: SagaTask): void
}

export function laneKey(ref: LaneRef): string {
  return `${ref.runId} ${ref.step} ${ref.phase}`
}

/** First in, first out; taken from the front without moving the rest each time. */
class Fifo<T> {
  #items: T[] = []
  #from = 0

  get size(): number {
    return this.#items.length - this.#from
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#from]
    if (item === undefined) return undefined
    this.#from += 1
    if (this.#from > 1_024 && this.#from * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#from)
      this.#from = 0
    }
    return item
  }
}

export const HTTP_IN_FLIGHT_MAX = 64

export class Workers {
  /** by `queue/task`, in turn */
  readonly #byKey = new Map<string, WorkerSession[]>()
  readonly #sessions = new Map<string, WorkerSession>()
  readonly #ready = new Map<string, Fifo<LaneRef>>()
  readonly #queued = new Set<string>()
  readonly held = new Map<string, Held>()
  /** places taken: by worker and by queue */
  readonly #busy = new Map<string, number>()
  readonly #queueBusy = new Map<string, number>()
  readonly limits = new Map<string, number>([[HTTP_QUEUE, HTTP_IN_FLIGHT_MAX]])

  get sessions(): number {
    return this.#sessions.size
  }

  get waiting(): number {
    return this.#queued.size
  }

  /** Replaces an earlier session of the same worker: it came back over another connection. */
  open(session: WorkerSession): () => void {
    const before = this.#sessions.get(session.worker)
    if (before) this.#close(before)
    this.#sessions.set(session.worker, session)
    for (const key of session.keys) {
      const sessions = this.#byKey.get(key)
      if (sessions) sessions.push(session)
      else this.#byKey.set(key, [session])
    }
    return () => this.#close(session)
  }

  #close(session: WorkerSession): void {
    if (this.#sessions.get(session.worker) === session) this.#sessions.delete(session.worker)
    for (const key of session.keys) {
      const left = (this.#byKey.get(key) ?? []).filter((other) => other !== session)
      if (left.length > 0) this.#byKey.set(key, left)
      else this.#byKey.delete(key)
    }
  }

  session(worker: string): WorkerSession | undefined {
    return this.#sessions.get(worker)
  }

  /** Somebody with a free place for `key`, if the queue has room; takes the place. */
  reserve(place: { queue: string; key: string }): { worker: string; actor: string } | null {
    const limit = this.limits.get(place.queue)
    if (limit !== undefined && (this.#queueBusy.get(place.queue) ?? 0) >= limit) return null
    if (place.queue === HTTP_QUEUE) {
      this.#take(HTTP_QUEUE, place.queue, 1)
      return { worker: 'http', actor: 'system' }
    }
    const sessions = this.#byKey.get(place.key)
    if (!sessions) return null
    for (let i = 0; i < sessions.length; i++) {
      const session = sessions[i] as WorkerSession
      if ((this.#busy.get(session.worker) ?? 0) >= session.capacity) continue
      if (sessions.length > 1) {
        sessions.splice(i, 1)
        sessions.push(session)
      }
      this.#take(session.worker, place.queue, 1)
      return session
    }
    return null
  }

  release(worker: string, queue: string): void {
    this.#take(worker, queue, -1)
  }

  #take(worker: string, queue: string, by: number): void {
    for (const [map, key] of [
      [this.#busy, worker],
      [this.#queueBusy, queue],
    ] as const) {
      const left = (map.get(key) ?? 0) + by
      if (left > 0) map.set(key, left)
      else map.delete(key)
    }
  }

  /** Takes a place without asking whether there is one: leases found at the start. */
  occupy(worker: string, queue: string): void {
    this.#take(worker, queue, 1)
  }

  enqueue(key: string, ref: LaneRef): void {
    const id = laneKey(ref)
    if (this.#queued.has(id)) return
    this.#queued.add(id)
    let fifo = this.#ready.get(key)
    if (!fifo) {
      fifo = new Fifo()
      this.#ready.set(key, fifo)
    }
    fifo.push(ref)
  }

  /** Is this lane among those that wait for a place? */
  isWaiting(ref: LaneRef): boolean {
    return this.#queued.has(laneKey(ref))
  }

  hasWaiting(key: string): boolean {
    return (this.#ready.get(key)?.size ?? 0) > 0
  }

  /** Lanes that somebody may have a place for, at most as many as there are free places. */
  *takeable(): Generator<{ key: string; ref: LaneRef }> {
    for (const [key, fifo] of this.#ready) {
      const queue = key === HTTP_QUEUE ? HTTP_QUEUE : key.slice(0, key.indexOf('/'))
      const limit = this.limits.get(queue) ?? Number.POSITIVE_INFINITY
      let room = limit - (this.#queueBusy.get(queue) ?? 0)
      if (queue !== HTTP_QUEUE) {
        let free = 0
        for (const s of this.#byKey.get(key) ?? []) free += Math.max(0, s.capacity - (this.#busy.get(s.worker) ?? 0))
        room = Math.min(room, free)
      }
      for (; room > 0 && fifo.size > 0; room -= 1) {
        const ref = fifo.shift() as LaneRef
        this.#queued.delete(laneKey(ref))
        yield { key, ref }
      }
      if (fifo.size === 0) this.#ready.delete(key)
    }
  }

  /** Who is connected, with what they take and how much of it they have in hand. */
  list(): { worker: string; actor: string; keys: readonly string[]; capacity: number; busy: number }[] {
    return [...this.#sessions.values()].map(({ worker, actor, keys, capacity }) => {
      return { worker, actor, keys, capacity, busy: this.#busy.get(worker) ?? 0 }
    })
  }

  stats(): { queue: string; key: string; waiting: number; workers: number; inFlight: number }[] {
    const keys = new Set([...this.#ready.keys(), ...this.#byKey.keys()])
    return [...keys].map((key) => {
      const queue = key === HTTP_QUEUE ? HTTP_QUEUE : key.slice(0, key.indexOf('/'))
      return {
        queue,
        key,
        waiting: this.#ready.get(key)?.size ?? 0,
        workers: this.#byKey.get(key)?.length ?? 0,
        inFlight: this.#queueBusy.get(queue) ?? 0,
      }
    })
  }
}
