import { type HoldfastError, TimeoutError } from '../core/errors.ts'
import type { Time } from './time.ts'

interface Waiting {
  path: string
  resolve: (value: unknown) => void
  reject: (error: HoldfastError) => void
  deadline: number
  timeoutMs: number
}

const SWEEP_MS = 50

/**
 * Calls that wait for their answer. Deadlines are looked at 20 times a second: a timer for each call would cost more
 * than the rest of the call.
 */
export class PendingCalls {
  readonly #calls = new Map<number, Waiting>()
  readonly #time: Time
  #cancel: (() => void) | null = null

  constructor(time: Time) {
    this.#time = time
  }

  /** Resolves with what `settle` takes; rejects with a TimeoutError after `timeoutMs`. */
  add(id: number, path: string, timeoutMs: number): Promise<unknown> {
    this.#cancel ??= this.#time.after(SWEEP_MS, this.#sweep)
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { path, resolve, reject, timeoutMs, deadline: this.#time.monotonic() + timeoutMs })
    })
  }

  /** False when nobody waits for this answer. */
  settle(id: number, outcome: { error: HoldfastError } | { data: unknown }): boolean {
    const waiting = this.#calls.get(id)
    if (!waiting) return false
    this.#calls.delete(id)
    if ('error' in outcome) waiting.reject(outcome.error)
    else waiting.resolve(outcome.data)
    return true
  }

  /** Rejects all with what `error` makes of their path. */
  failAll(error: (path: string) => HoldfastError): void {
    this.#cancel?.()
    this.#cancel = null
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const { reject, path } of calls) reject(error(path))
  }

  readonly #sweep = (): void => {
    const now = this.#time.monotonic()
    for (const [id, { path, reject, deadline, timeoutMs }] of this.#calls) {
      if (now < deadline) continue
      this.#calls.delete(id)
      reject(new TimeoutError(`The control plane did not answer ${path} within ${timeoutMs} ms`))
    }
    this.#cancel = this.#calls.size > 0 ? this.#time.after(SWEEP_MS, this.#sweep) : null
  }
}
