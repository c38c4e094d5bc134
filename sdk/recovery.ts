/**
 * What to do about an error that is left when everything else has been tried: the strategies of `ErrorRecovery`. Each takes the
 * error and its context and either answers in its place or throws; they are chosen for each call and composed by type.
 */
import type { ErrorCode } from '../core/errors.ts'
import type { Failure, PolicyValues } from '../core/policy.ts'
import { look } from './failure.ts'

export interface RecoveryContext<T> {
  /** what was called: a guard's name, or a service */
  name: string
  failure: Failure
  elapsedMs: number
  /** of the caller; a recovery that waits should end with it */
  signal: AbortSignal | undefined
  /** runs the operation again, by a policy */
  again(policy: string | PolicyValues): Promise<T>
  /** the last success under this name, with its age; undefined: there was none */
  last: { value: T; ageMs: number } | undefined
  /** tells a person: an event `escalated` of the SDK */
  escalate(to: string, error: unknown): void
}

/** `R`: what it may answer besides what the operation itself does; `never` when it only ever throws or repeats. */
export interface ErrorRecovery<R = never> {
  recover<T>(error: unknown, context: RecoveryContext<T>): Promise<T | R>
}

type AnswerOf<S> = S extends ErrorRecovery<infer R> ? R : never

/** Tries again by another policy than the one that has given up, such as a patient one for what must get through. */
export function retryBy(policy: string | PolicyValues): ErrorRecovery {
  return { recover: (_, context) => context.again(policy) }
}

/** Answers with a value, or with what a function makes of the error. */
export function fallback<R>(answer: R | ((error: unknown) => R | Promise<R>)): ErrorRecovery<R> {
  return {
    async recover(error) {
      return typeof answer === 'function' ? (answer as (error: unknown) => R | Promise<R>)(error) : answer
    },
  }
}

/** Answers with the last success, when there is one and it is not older than `ageMaxMs`; else throws the error. */
export function failStatic({ ageMaxMs }: { ageMaxMs: number }): ErrorRecovery {
  return {
    async recover(error, { last }) {
      if (!last || last.ageMs > ageMaxMs) throw error
      return last.value
    },
  }
}

/** Takes back what had been done before the failure, then throws the error; what `undo` throws has it as its cause. */
export function compensate(undo: (error: unknown, signal: AbortSignal | undefined) => unknown): ErrorRecovery {
  return {
    async recover(error, { signal }) {
      try {
        await undo(error, signal)
      } catch (failed) {
        if (failed instanceof Error && failed.cause === undefined) failed.cause = error
        throw failed
      }
      throw error
    },
  }
}

/** Tells a person, then throws the error. */
export function escalate(to: string): ErrorRecovery {
  return {
    async recover(error, context) {
      context.escalate(to, error)
      throw error
    },
  }
}

/** One after the other: each gets what the one before it threw; the first answer counts. */
export function inTurn<S extends readonly ErrorRecovery<unknown>[]>(
  ...strategies: S
): ErrorRecovery<AnswerOf<S[number]>> {
  return {
    async recover<T>(error: unknown, context: RecoveryContext<T>): Promise<T | AnswerOf<S[number]>> {
      let left = error
      for (const strategy of strategies) {
        try {
          return (await strategy.recover(left, context)) as T | AnswerOf<S[number]>
        } catch (thrown) {
          left = thrown
        }
      }
      throw left
    },
  }
}

export type ByType = { [F in ErrorCode | 'OTHER' | 'otherwise']?: ErrorRecovery<unknown> }

/** By the type of the error; `otherwise` for those not named, which are thrown without it. */
export function byType<M extends ByType>(strategies: M): ErrorRecovery<AnswerOf<M[keyof M]>> {
  return {
    async recover<T>(error: unknown, context: RecoveryContext<T>): Promise<T | AnswerOf<M[keyof M]>> {
      const strategy = strategies[look(error).failure] ?? strategies.otherwise
      if (!strategy) throw error
      return (await strategy.recover(error, context)) as T | AnswerOf<M[keyof M]>
    },
  }
}
