/** Backoff policies: what a retry does, by name. Values set in the control plane win over those in code. */
import { type BackoffConfig, JITTERS, type Jitter } from './backoff.ts'
import { type ErrorCode, ValidationError } from './errors.ts'

/** What a failed attempt is, for `retryOn`; `OTHER`: an error that is not one of ours and looks like none of them. */
export const FAILURES = [
  'NETWORK',
  'TIMEOUT',
  'SERVICE_UNAVAILABLE',
  'RATE_LIMITED',
  'CONSISTENCY',
  'CONFLICT',
  'LOCK',
  'INTERNAL',
  'OTHER',
] as const
export type Failure = ErrorCode | 'OTHER'
/** What a policy may be told to retry; the others never go away by waiting. */
export type Retried = (typeof FAILURES)[number]

/**
 * Bounds what retries add on top of everything else, however many callers fail at once. Shared by name within a process.
 * Sources: Envoy's retry_budget (a share of active requests, at least a few), Finagle's RetryBudget (a share of requests and
 * so many a second).
 */
export interface RetryBudget {
  /** null: a budget of the policy's own; policies that name the same budget share it */
  name: string | null
  /** retries for each request, and retries at a time for each request in flight: 0.2 */
  ratio: number
  /** retries a second that are always allowed */
  perSecond: number
  /** retries at a time that are always allowed */
  concurrentMin: number
}

export interface RetryPolicy extends BackoffConfig {
  jitter: Jitter
  /** after the first attempt; 0: none */
  maxRetries: number
  /** for everything together, waits included; null: as long as the caller waits */
  maxElapsedMs: number | null
  /** for each attempt; null: none of its own */
  attemptTimeoutMs: number | null
  /** wait at least as long as the answer asks for */
  respectRetryAfter: boolean
  budget: RetryBudget | null
  retryOn: Retried[]
}

export type PolicyValues = Partial<RetryPolicy>

/** As stored: only what was set; the rest comes from code. */
export interface Policy {
  name: string
  description: string
  values: PolicyValues
  /** counts up with every change */
  version: number
  updatedAt: number
  updatedBy: string
  reason: string
}

export const policyKey = (name: string) => `policy/${name}`

const BUDGET: RetryBudget = { name: null, ratio: 0.2, perSecond: 10, concurrentMin: 3 }

/** What holds where neither the control plane nor code says otherwise. */
export const DEFAULT_POLICY: RetryPolicy = {
  initialDelayMs: 200,
  maxDelayMs: 5_000,
  multiplier: 2,
  jitter: 'full',
  maxRetries: 3,
  maxElapsedMs: 15_000,
  attemptTimeoutMs: null,
  respectRetryAfter: true,
  budget: BUDGET,
  retryOn: ['NETWORK', 'TIMEOUT', 'SERVICE_UNAVAILABLE', 'RATE_LIMITED'],
}

/** Policies that are always there, each with what it is for. */
export const BUILT_IN: Readonly<Record<string, { description: string; values: PolicyValues }>> = {
  call: {
    description:
      'Between services, for the calls of the SDK: two quick retries, on another instance where there is one.',
    values: { initialDelayMs: 25, maxDelayMs: 250, maxRetries: 2, maxElapsedMs: null },
  },
  gentle: {
    description: 'For most calls: three retries within seconds, spread as widely as they can be.',
    values: {},
  },
  eager: {
    description: 'Where somebody waits: two retries within a quarter of a second.',
    values: { initialDelayMs: 50, maxDelayMs: 250, jitter: 'equal', maxRetries: 2, maxElapsedMs: 2_000 },
  },
  patient: {
    description: 'For work in the background: goes on for up to half an hour, a minute apart at most.',
    values: {
      initialDelayMs: 1_000,
      maxDelayMs: 60_000,
      jitter: 'decorrelated',
      maxRetries: 50,
      maxElapsedMs: 1_800_000,
    },
  },
  none: {
    description: 'No retries: the first failure is the answer.',
    values: { maxRetries: 0, maxElapsedMs: null, budget: null },
  },
}

/** Where a value in force comes from. */
export type Source = 'stored' | 'code' | 'built-in' | 'default'

export interface EffectivePolicy {
  policy: RetryPolicy
  sources: Record<keyof RetryPolicy, Source>
}

export const POLICY_FIELDS = Object.keys(DEFAULT_POLICY) as (keyof RetryPolicy)[]

/**
 * The values in force under `name`: what is stored, else what the caller's code says, else the built-in policy of that
 * name, else the default; each with where it comes from.
 */
export function effectivePolicy(
  name: string,
  stored: PolicyValues | null | undefined,
  code?: PolicyValues | undefined,
): EffectivePolicy {
  const policy = { ...DEFAULT_POLICY } as Record<string, unknown>
  const sources = {} as Record<keyof RetryPolicy, Source>
  const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name]?.values : undefined
  for (const field of POLICY_FIELDS) {
    const layers = [
      ['stored', stored],
      ['code', code],
      ['built-in', builtIn],
    ] as const
    const from = layers.find(([, values]) => values?.[field] !== undefined)
    sources[field] = from?.[0] ?? 'default'
    if (from) policy[field] = from[1]?.[field]
  }
  return { policy: policy as unknown as RetryPolicy, sources }
}

const DAY_MS = 86_400_000

/** Throws a ValidationError that says what to change, for values out of bounds or against each other. */
export function assertPolicy(policy: RetryPolicy): void {
  const problem = policyProblem(policy)
  if (problem) throw new ValidationError(problem.message)
}

/** The first thing wrong with a policy, with the field to change; null when all is well. */
export function policyProblem(policy: RetryPolicy): { field: keyof RetryPolicy; message: string } | null {
  const { initialDelayMs, maxDelayMs, multiplier, maxRetries, maxElapsedMs, attemptTimeoutMs, budget } = policy
  const wrong = (field: keyof RetryPolicy, message: string) => ({ field, message })
  const within = (value: number, min: number, max: number) => Number.isFinite(value) && value >= min && value <= max
  if (!within(initialDelayMs, 0, DAY_MS)) return wrong('initialDelayMs', 'The first delay must be 0 ms to a day.')
  if (!within(maxDelayMs, 0, DAY_MS)) return wrong('maxDelayMs', 'The longest delay must be 0 ms to a day.')
  if (maxDelayMs < initialDelayMs) {
    return wrong(
      'maxDelayMs',
      `The longest delay (${maxDelayMs} ms) is shorter than the first (${initialDelayMs} ms). Raise it to at least ${initialDelayMs} ms.`,
    )
  }
  if (!within(multiplier, 1, 10)) return wrong('multiplier', 'The factor must be 1 (always the same delay) to 10.')
  if (!JITTERS.includes(policy.jitter)) return wrong('jitter', `The jitter must be one of ${JITTERS.join(', ')}.`)
  if (!Number.isInteger(maxRetries) || !within(maxRetries, 0, 1_000)) {
    return wrong('maxRetries', 'The number of retries must be a whole number from 0 to 1,000.')
  }
  if (maxElapsedMs !== null && !within(maxElapsedMs, 1, DAY_MS)) {
    return wrong('maxElapsedMs', 'The time for everything must be 1 ms to a day, or left out.')
  }
  if (attemptTimeoutMs !== null && !within(attemptTimeoutMs, 1, DAY_MS)) {
    return wrong('attemptTimeoutMs', 'The time for an attempt must be 1 ms to a day, or left out.')
  }
  if (maxElapsedMs !== null && attemptTimeoutMs !== null && attemptTimeoutMs > maxElapsedMs) {
    return wrong(
      'attemptTimeoutMs',
      `An attempt may take ${attemptTimeoutMs} ms, but everything together only ${maxElapsedMs} ms. Shorten the attempt or allow more in total.`,
    )
  }
  if (budget) {
    if (!within(budget.ratio, 0, 1)) return wrong('budget', 'The share of retries must be 0 to 1, such as 0.2.')
    if (!within(budget.perSecond, 0, 100_000)) {
      return wrong('budget', 'The retries a second that are always allowed must be 0 to 100,000.')
    }
    if (!Number.isInteger(budget.concurrentMin) || !within(budget.concurrentMin, 0, 100_000)) {
      return wrong('budget', 'The retries at a time that are always allowed must be a whole number from 0 to 100,000.')
    }
    if (maxRetries > 0 && budget.ratio === 0 && (budget.perSecond === 0 || budget.concurrentMin === 0)) {
      return wrong(
        'budget',
        'This budget never allows a retry. Allow a share, or some a second and some at a time; or set the retries to 0.',
      )
    }
  }
  if (maxRetries > 0 && policy.retryOn.length === 0) {
    return wrong(
      'retryOn',
      'No failure is retried, yet retries are asked for. Choose failures, or set the retries to 0.',
    )
  }
  return null
}
