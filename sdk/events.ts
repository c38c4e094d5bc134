import type { HoldfastError } from '../core/errors.ts'

/** What can be listened to with `holdfast.on`. */
export interface HoldfastEvents {
  /** The connection to the control plane is open. `attempts`: connections tried since the last open one. */
  connected: { url: string; attempts: number }
  /** The connection broke or could not be made. Local copies go on being served. */
  disconnected: { reason: string; retryInMs: number | null }
  /** The service is in the registry; `again`: after the registry had lost it. */
  registered: { id: string; generation: number; again: boolean }
  /**
   * The service is out of the registry and stays out. `by`: `close` for this process, `operator` for a person or a
   * rule.
   */
  deregistered: { id: string; by: 'close' | 'operator'; message: string }
  /** Another process has registered the same id. This one sends no more heartbeats and does not fight over it. */
  superseded: { id: string; message: string }
  /** A local copy was replaced as a whole, because the entries in between could not be had one by one. */
  resync: { services: readonly string[] | 'all'; seq: number }
  /** A lease was lost before it was released; its signal is aborted. */
  lockLost: { resource: string; fencingToken: number; message: string }
  /** A saga's step is no longer this worker's: its signal is aborted, or what it did came too late and was refused. */
  sagaLeaseLost: { runId: string; step: string; phase: string; fence: number; message: string }
  /** A strategy of yours calls for a person: `to` says whom. */
  escalated: { name: string; to: string; error: Error }
  /** Something failed in the background and will be tried again, or a callback of yours threw. */
  problem: { during: string; error: HoldfastError | Error }
}

export type HoldfastEventName = keyof HoldfastEvents
export type HoldfastEvent = { [K in HoldfastEventName]: { type: K } & HoldfastEvents[K] }[HoldfastEventName]
export type HoldfastListener<K extends HoldfastEventName> = (event: HoldfastEvents[K]) => void

/** Delivers events; a listener that throws disturbs neither the others nor the SDK. */
export class Events {
  readonly #listeners = new Map<HoldfastEventName, Set<HoldfastListener<never>>>()
  readonly #onEvent: ((event: HoldfastEvent) => void) | undefined

  constructor(onEvent?: (event: HoldfastEvent) => void) {
    this.#onEvent = onEvent
  }

  on<K extends HoldfastEventName>(name: K, listener: HoldfastListener<K>): () => void {
    let set = this.#listeners.get(name)
    if (!set) {
      set = new Set()
      this.#listeners.set(name, set)
    }
    set.add(listener as HoldfastListener<never>)
    return () => {
      set.delete(listener as HoldfastListener<never>)
    }
  }

  emit<K extends HoldfastEventName>(name: K, event: HoldfastEvents[K]): void {
    this.guard(name, () => this.#onEvent?.({ type: name, ...event } as HoldfastEvent))
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      this.guard(name, () => (listener as HoldfastListener<K>)(event))
    }
  }

  /**
   * Runs a callback of the user's. What it throws becomes a `problem`, or a process warning when that has no listener.
   */
  guard(during: string, callback: () => unknown): void {
    try {
      const result = callback()
      if (result instanceof Promise) result.catch((error: unknown) => this.#threw(during, error))
    } catch (error) {
      this.#threw(during, error)
    }
  }

  #threw(during: string, cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause))
    const heard = (this.#listeners.get('problem')?.size ?? 0) > 0 || this.#onEvent !== undefined
    if (during === 'problem' || !heard) process.emitWarning(error)
    else this.emit('problem', { during: `callback for ${during}`, error })
  }
}
