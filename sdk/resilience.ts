/** What `retry` and `guard` share: one copy of the policies, one set of budgets. */
import type { EffectivePolicy, PolicyValues } from '../core/policy.ts'
import type { Random } from '../core/random.ts'
import type { Connection } from './connection.ts'
import type { Events } from './events.ts'
import { Guard, type GuardOptions, type GuardParts } from './guard.ts'
import { PolicyCopy } from './policies.ts'
import { type Attempt, Retrier, type RetryOptions } from './retry.ts'
import type { Time } from './time.ts'

export interface ResilienceParts {
  connection: Connection
  time: Time
  random: Random
  events: Events
  instance: () => string | null
}

export class Resilience {
  readonly policies: PolicyCopy
  readonly #retrier: Retrier
  readonly #guardParts: GuardParts
  /** of calls that say how to recover, by service */
  readonly #calls = new Map<string, Guard>()

  constructor(parts: ResilienceParts, code: Readonly<Record<string, PolicyValues>>) {
    this.policies = new PolicyCopy(parts, code, parts.instance)
    this.#retrier = new Retrier(parts.time, parts.random)
    this.#guardParts = {
      time: parts.time,
      retry: (policy, attempt, options) => this.retry(policy, attempt, options),
      escalated: (name, to, error) => {
        parts.events.emit('escalated', { name, to, error: error instanceof Error ? error : new Error(String(error)) })
      },
    }
  }

  retry<T>(policy: string | PolicyValues, attempt: Attempt<T>, options?: RetryOptions): Promise<T> {
    try {
      return this.#retrier.execute(this.policies.rule(policy), attempt, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  guard<R = never>(name: string, options: GuardOptions<R>): Guard<R> {
    return new Guard(this.#guardParts, name, options)
  }

  /** The guard of calls to a service: with nothing around them, it keeps their last successes for `failStatic`. */
  callGuard(service: string): Guard {
    let guard = this.#calls.get(service)
    if (!guard) {
      guard = new Guard(this.#guardParts, service, {})
      this.#calls.set(service, guard)
    }
    return guard
  }

  effective(name: string): EffectivePolicy {
    this.policies.rule(name)
    return this.policies.effective(name)
  }
}
