/** The breakers that a call passes: one of the service, one of the instance. */
import { BreakerOpenError } from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'

export interface CallPermit {
  readonly signal: AbortSignal
  settle(outcome: 'success' | 'failure' | 'ignored'): void
}

/** What a call asks of a breaker. */
export interface CallBreaker {
  /** Throws BreakerOpenError. */
  enter(options?: { signal?: AbortSignal | undefined }): Promise<CallPermit>
}

/** The breaker of a service, or of one instance of it; null: there is none. */
export type BreakerOf = (service: string, instance: string | null) => CallBreaker | null

/** The permit of one instance; null when its breaker refuses, so that another is to be chosen. */
export async function enterInstance(
  breakers: BreakerOf,
  instance: Instance,
  signal: AbortSignal,
): Promise<CallPermit | BreakerOpenError> {
  try {
    return (await breakers(instance.service, instance.id)?.enter({ signal })) ?? free(signal)
  } catch (error) {
    if (error instanceof BreakerOpenError) return error
    throw error
  }
}

/** Throws BreakerOpenError: the whole service is shut. */
export async function enterService(breakers: BreakerOf, service: string, signal: AbortSignal): Promise<CallPermit> {
  return (await breakers(service, null)?.enter({ signal })) ?? free(signal)
}

export const free = (signal: AbortSignal): CallPermit => ({ signal, settle: () => {} })
