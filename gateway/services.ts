/** What middlewares may use of the worker they run in. */
import type { PolicyValues } from '../core/policy.ts'
import type { Breaker } from '../sdk/breaker.ts'
import type { RetryOptions } from '../sdk/retry.ts'
import type { Upstreams } from './upstreams.ts'

export interface Services {
  /** milliseconds, monotonic */
  now(): number
  random(): number
  /** how many workers share the port: a limit for all is divided by it */
  workers: number
  upstreams: Upstreams
  retry<T>(
    policy: string | PolicyValues,
    attempt: (signal: AbortSignal, n: number) => Promise<T>,
    options: RetryOptions,
  ): Promise<T>
  breaker(name: string, options: { service: string; instance?: string }): Breaker | null
  log(level: 'warn' | 'error', facts: object, message: string): void
}
