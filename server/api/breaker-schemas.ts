/** Bounded shapes of what comes in about breakers. */
import { z } from 'zod'
import { BREAKER_CONFIG_KEYS, BREAKER_NAME, BREAKER_RANGES, type BreakerSettings } from '../../core/breaker-config.ts'
import { REPORT_STRIDE } from '../breakers.ts'
import { instanceId, name as serviceName } from './schemas.ts'

export const breakerName = z
  .string()
  .max(320)
  .regex(BREAKER_NAME, '1 to 160 characters, none of them a control character')

/** Who reports: an instance id, or a name that a process without one chose. */
export const callerName = z
  .string()
  .min(1)
  .max(160)
  .regex(/^[^\p{Cc}]+$/u, 'no control characters')

function value(key: (typeof BREAKER_CONFIG_KEYS)[number]): z.ZodType {
  if (key === 'windowType') return z.enum(['time', 'count'])
  const { nullable } = BREAKER_RANGES[key]
  // Bounds are checked together with what contradicts what, where the message can say what to do.
  return nullable ? z.number().nullable() : z.number()
}

/** Values that code says; only those it says. */
export const settings = z.strictObject(
  Object.fromEntries(BREAKER_CONFIG_KEYS.map((key) => [key, value(key).optional()])),
) as unknown as z.ZodType<BreakerSettings, BreakerSettings>

/** Values that an operator sets; `inherit` takes one back. */
export const changes = z.strictObject(
  Object.fromEntries(BREAKER_CONFIG_KEYS.map((key) => [key, z.union([z.literal('inherit'), value(key)]).optional()])),
) as unknown as z.ZodType<
  { [K in keyof BreakerSettings]: BreakerSettings[K] | 'inherit' },
  { [K in keyof BreakerSettings]: BreakerSettings[K] | 'inherit' }
>

export const target = { service: serviceName.optional(), instance: instanceId.optional() }

const COUNT_MAX = 1_000_000_000

/** Breakers in one report. */
export const NAMES_MAX = 500

/** Names that are not known are answered as such, so that only their size matters here. */
function isNames(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= NAMES_MAX &&
    value.every((name) => typeof name === 'string' && name.length <= 320)
  )
}

/** 500 callers with 200 breakers send 700,000 of these a second: a schema for each number took half of the whole cost. */
function isCounts(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > NAMES_MAX * REPORT_STRIDE) return false
  for (const n of value) if (!(Number.isInteger(n) && n >= 0 && n <= COUNT_MAX)) return false
  return true
}

export const report = z
  .object({
    caller: callerName,
    /** the caller's own service, where it has one */
    service: serviceName.optional(),
    /** one connection of one process */
    session: z.string().min(1).max(64).default(''),
    /** the last journal entry that the caller has applied */
    appliedSeq: z.number().int().nonnegative().default(0),
    /** milliseconds since its report before */
    spanMs: z.number().min(1).max(3_600_000).default(1_000),
    /** breakers whose windows follow in `counts` */
    names: z.custom<string[]>(isNames, `at most ${NAMES_MAX} names of breakers`).default([]),
    /** seven numbers for each name: see docs/breakers.md */
    counts: z.custom<number[]>(isCounts, 'whole numbers from 0 to 1,000,000,000, seven a name').default([]),
    /** what the caller's code says of breakers that it uses */
    declared: z
      .array(z.object({ name: breakerName, ...target, defaults: settings.default({}) }))
      .max(NAMES_MAX)
      .default([]),
    /** for callers that keep no window: calls that have ended since their last report */
    outcomes: z
      .array(
        z
          .object({
            name: breakerName,
            successes: z.number().int().nonnegative().max(10_000).default(0),
            failures: z.number().int().nonnegative().max(10_000).default(0),
            slow: z.number().int().nonnegative().max(10_000).default(0),
          })
          .refine((o) => o.slow <= o.successes, 'slow counts successes that took too long, so at most successes'),
      )
      .max(100)
      .default([]),
  })
  .refine((r) => r.counts.length === r.names.length * REPORT_STRIDE, `counts needs ${REPORT_STRIDE} numbers a name`)

export const expectedVersion = z.number().int().positive().optional()
