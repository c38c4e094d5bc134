import { ValidationError } from '../core/errors.ts'
import { Scope } from './scope.ts'
import type { Time } from './time.ts'

export interface HedgeOptions {
  /** another attempt is begun when none has answered for so long; near the 95th percentile of what it usually takes */
  afterMs: number
  /** attempts at a time, the first one included; default 2 */
  attemptsMax?: number | undefined
}

/** Throws a ValidationError. */
export function assertHedge(name: string, { afterMs, attemptsMax = 2 }: HedgeOptions): void {
  if (!(afterMs >= 0) || !Number.isFinite(afterMs)) {
    throw new ValidationError(`Hedge of "${name}": afterMs must be 0 or more milliseconds, not ${afterMs}`)
  }
  if (!Number.isInteger(attemptsMax) || attemptsMax < 2 || attemptsMax > 5) {
    throw new ValidationError(`Hedge of "${name}": attemptsMax must be 2 to 5, not ${attemptsMax}`)
  }
}

/**
 * The first success of several attempts, each begun when those before have not answered for `afterMs`; the others are
 * aborted. A failure does not begin the next: that is a retry's work. Throws the last failure when all have failed.
 * Source: J. Dean, L. Barroso, "The Tail at Scale", CACM 56(2), 2013. Only for what may be done twice.
 */
export function hedged<T>(
  time: Time,
  { afterMs, attemptsMax = 2 }: HedgeOptions,
  signal: AbortSignal,
  work: (signal: AbortSignal) => PromiseLike<T> | T,
): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise<T>((resolve, reject) => {
    const scopes = new Set<Scope>()
    let begun = 0
    let cancel: (() => void) | null = null
    const finish = (settle: () => void) => {
      cancel?.()
      signal.removeEventListener('abort', onAbort)
      settle()
      for (const scope of scopes) {
        scope.end(new Error('another attempt was faster'))
        scope.close()
      }
    }
    const onAbort = () => finish(() => reject(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    const begin = () => {
      begun++
      const scope = new Scope(time, null, signal, () => new Error('over'))
      scopes.add(scope)
      cancel = begun < attemptsMax ? time.after(afterMs, begin, true) : null
      scope
        .race(() => work(scope.signal))
        .then(
          (value) => {
            scopes.delete(scope)
            scope.close()
            finish(() => resolve(value))
          },
          (error: unknown) => {
            scopes.delete(scope)
            scope.close()
            if (scopes.size === 0) finish(() => reject(error))
          },
        )
    }
    begin()
  })
}
