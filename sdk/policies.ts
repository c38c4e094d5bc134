import { type BackoffConfig, fullJitter } from '../core/backoff.ts'
import { type HoldfastError, ValidationError } from '../core/errors.ts'
import {
  assertPolicy,
  type EffectivePolicy,
  effectivePolicy,
  type Policy,
  type PolicyValues,
  policyProblem,
  type RetryBudget,
} from '../core/policy.ts'
import type { Random } from '../core/random.ts'
import { BudgetState } from '../core/retry-budget.ts'
import type { Connection } from './connection.ts'
import type { Events } from './events.ts'
import type { Rule } from './retry.ts'
import type { Time } from './time.ts'

/** What `policies.watch` takes in one subscription. */
const NAMES_MAX = 200
const REOPEN: BackoffConfig = { initialDelayMs: 500, maxDelayMs: 30_000, multiplier: 2 }
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/
/** Policies given as values share this budget unless they name another: made anew for each call, their own would be empty. */
const UNNAMED = 'unnamed'

/**
 * Policies by name: what the control plane holds, live, over what code says. While it is away the last values hold; before
 * it was first heard, those of code.
 */
export class PolicyCopy {
  readonly #connection: Connection
  readonly #time: Time
  readonly #random: Random
  readonly #events: Events
  readonly #code: Readonly<Record<string, PolicyValues>>
  readonly #instance: () => string | null
  readonly #stored = new Map<string, Policy>()
  readonly #rules = new Map<string, Rule>()
  readonly #values = new WeakMap<PolicyValues, Rule>()
  readonly #budgets = new Map<string, BudgetState>()
  readonly #names = new Set<string>()
  #stop: (() => void) | null = null
  #attempts = 0
  #cancelRetry: (() => void) | null = null
  #asked = false

  constructor(
    parts: { connection: Connection; time: Time; random: Random; events: Events },
    code: Readonly<Record<string, PolicyValues>>,
    instance: () => string | null,
  ) {
    this.#connection = parts.connection
    this.#time = parts.time
    this.#random = parts.random
    this.#events = parts.events
    this.#code = code
    this.#instance = instance
    for (const [name, values] of Object.entries(code)) {
      assertName(name)
      assertPolicy(effectivePolicy(name, null, values).policy)
    }
  }

  /** What holds under `name` now, and follows it from now on. Throws a ValidationError. */
  rule(policy: string | PolicyValues): Rule {
    if (typeof policy !== 'string') return this.#ruleOf(policy)
    const known = this.#rules.get(policy)
    if (known) return known
    assertName(policy)
    if (!this.#names.has(policy)) this.#follow(policy)
    const { policy: values } = this.effective(policy)
    const rule = { name: policy, policy: values, budget: this.#budget(policy, values.budget) }
    this.#rules.set(policy, rule)
    return rule
  }

  /** The values in force under `name`, each with where it comes from. */
  effective(name: string): EffectivePolicy {
    const stored = this.#stored.get(name)?.values
    const code = Object.hasOwn(this.#code, name) ? this.#code[name] : undefined
    const whole = effectivePolicy(name, stored, code)
    const problem = stored && code ? policyProblem(whole.policy) : null
    if (!problem) return whole
    // Set by an operator who does not know what this code says: theirs alone is whole.
    const error = new ValidationError(
      `Policy "${name}": what is set and what is in code do not fit. ${problem.message}`,
    )
    this.#events.emit('problem', { during: `policy ${name}`, error })
    return effectivePolicy(name, stored)
  }

  connectionOpened(): void {
    this.#attempts = 0
    this.#open()
  }

  connectionClosed(): void {
    this.#stop = null
    this.#cancelRetry?.()
    this.#cancelRetry = null
  }

  close(): void {
    this.#cancelRetry?.()
    this.#stop?.()
    this.#stop = null
  }

  #ruleOf(values: PolicyValues): Rule {
    let rule = this.#values.get(values)
    if (!rule) {
      const { policy } = effectivePolicy(UNNAMED, null, values)
      assertPolicy(policy)
      rule = { name: UNNAMED, policy, budget: this.#budget(UNNAMED, policy.budget) }
      this.#values.set(values, rule)
    }
    return rule
  }

  #budget(policy: string, config: RetryBudget | null): BudgetState | null {
    if (!config) return null
    const name = config.name ?? policy
    let budget = this.#budgets.get(name)
    if (budget) budget.configure(config)
    else {
      budget = new BudgetState(config, this.#time.monotonic())
      this.#budgets.set(name, budget)
    }
    return budget
  }

  #follow(name: string): void {
    this.#names.add(name)
    if (this.#asked) return
    this.#asked = true
    // One subscription for all that are first used in the same turn.
    queueMicrotask(() => {
      this.#asked = false
      this.#stop?.()
      this.#stop = null
      this.#open()
    })
  }

  #open(): void {
    if (this.#stop || this.#names.size === 0 || !this.#connection.isOpen) return
    this.#cancelRetry?.()
    this.#cancelRetry = null
    const names = this.#names.size > NAMES_MAX ? 'all' : [...this.#names]
    const input = { data: { names, instance: this.#instance() } }
    this.#stop = this.#connection.subscribe('policies.watch', input, undefined, {
      data: (data) => this.#apply((data as { policies: Policy[] }).policies),
      ended: (error) => this.#ended(error),
    })
  }

  #apply(policies: readonly Policy[]): void {
    this.#attempts = 0
    this.#stored.clear()
    for (const policy of policies) this.#stored.set(policy.name, policy)
    this.#rules.clear()
  }

  #ended(error: HoldfastError | null): void {
    this.#stop = null
    if (error) this.#events.emit('problem', { during: 'following policies', error })
    // A token without the scope will not get it while this connection lasts; what is in code holds.
    if (error?.code === 'FORBIDDEN' || error?.code === 'NOT_FOUND') return
    const delay = fullJitter(REOPEN, this.#attempts++, this.#random)
    this.#cancelRetry = this.#time.after(delay, () => this.#open())
  }
}

function assertName(name: string): void {
  if (NAME.test(name)) return
  throw new ValidationError(
    `"${name}" cannot be the name of a policy: letters, digits, ".", "_" and "-", such as "gentle", at most 100`,
  )
}
