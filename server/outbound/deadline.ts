/** One limit of time for a whole call, from resolving the name to the last byte. */
import { NetworkError } from '../../core/errors.ts'
import type { Scheduler } from '../loops.ts'
import { type Phase, timeoutError } from './failure.ts'

export class Deadline {
  readonly #controller = new AbortController()
  readonly #release: () => void
  phase: Phase = 'resolve'

  constructor(scheduler: Scheduler, target: string, timeoutMs: number, signal?: AbortSignal) {
    const abort = () => {
      this.#controller.abort(
        new NetworkError(`${target}: the call was given up.`, {
          details: { cause: 'aborted', phase: this.phase, local: true },
        }),
      )
    }
    const handle = scheduler.set(() => this.#controller.abort(timeoutError(target, this.phase, timeoutMs)), timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    this.#release = () => {
      scheduler.clear(handle)
      signal?.removeEventListener('abort', abort)
    }
    if (signal?.aborted) abort()
  }

  /** Calls `stop` with the reason when the time is up or the call is given up, at once if it already is. */
  onEnd(stop: (reason: Error) => void): void {
    const { signal } = this.#controller
    if (signal.aborted) stop(signal.reason as Error)
    else signal.addEventListener('abort', () => stop(signal.reason as Error), { once: true })
  }

  /** The same promise, or the reason when the time is up first. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onEnd(reject)
      work.then(resolve, reject)
    })
  }

  release(): void {
    this.#release()
  }
}
