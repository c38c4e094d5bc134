/** The settings of a circuit breaker: what they mean, their defaults, and which of them contradict each other. */
import { ValidationError } from './errors.ts'

export interface BreakerConfig {
  /** share of failed calls in the window at which it opens, in (0, 1]; null: not looked at */
  failureRateThreshold: number | null
  /** number of failed calls in the window at which it opens; null: not looked at */
  failureThreshold: number | null
  /** failures of one caller in a row at which it opens; null: not looked at */
  consecutiveFailures: number | null
  /** a call that takes at least so long is slow, also while it is still in flight; null: none is */
  slowCallMs: number | null
  /** share of slow calls in the window at which it opens, in (0, 1]; null: not looked at */
  slowRateThreshold: number | null
  /** calls in the window before a rate says anything */
  minimumCalls: number
  /** `time`: the last `windowMs`; `count`: the last `windowCalls` of each caller */
  windowType: 'time' | 'count'
  windowMs: number
  windowCalls: number
  /** a call in flight for so long counts as failed, whatever becomes of it; null: only its end counts */
  hungCallMs: number | null
  /** how long it stays open before probes are let through; the first time */
  openMs: number
  /** each time it opens again without having closed, the time grows by this factor … */
  openFactor: number
  /** … up to this */
  openMaxMs: number
  /** the open time is spread by up to this share in either direction, 0 to 1 */
  openJitter: number
  /** probes in flight at most while half-open, in the whole fleet */
  halfOpenPermits: number
  /** probes that must succeed, one after another, before it closes */
  successThreshold: number
  /** a probe that has not ended after so long has lost its permit */
  permitMs: number
  /** half-open for so long without a verdict: it opens again; 0: it may stay half-open */
  halfOpenMaxMs: number
  /** share of the callers with traffic that must see it failing before it opens for all, 0 to 1 */
  quorum: number
  /** of a breaker for one instance: share of the service's instances that may be shut out at once, 0 to 1 */
  ejectionMaxShare: number
  /** of a breaker for one instance: with less than this share of instances left, none is shut out; 0: never */
  panicShare: number
}

export type BreakerConfigKey = keyof BreakerConfig

export const BREAKER_DEFAULTS: Readonly<BreakerConfig> = {
  failureRateThreshold: 0.5,
  failureThreshold: null,
  consecutiveFailures: null,
  slowCallMs: null,
  slowRateThreshold: null,
  minimumCalls: 10,
  windowType: 'time',
  windowMs: 10_000,
  windowCalls: 100,
  hungCallMs: 30_000,
  openMs: 5_000,
  openFactor: 2,
  openMaxMs: 60_000,
  openJitter: 0.1,
  halfOpenPermits: 3,
  successThreshold: 3,
  permitMs: 10_000,
  halfOpenMaxMs: 0,
  quorum: 0.5,
  ejectionMaxShare: 0.5,
  panicShare: 0.5,
}

export const BREAKER_CONFIG_KEYS = Object.keys(BREAKER_DEFAULTS) as readonly BreakerConfigKey[]

/** Where a value in force comes from: this program, the code of a caller, or the control plane. */
export type ConfigSource = 'default' | 'client' | 'control-plane'
export type ConfigSources = Record<BreakerConfigKey, ConfigSource>
export type BreakerSettings = { [K in BreakerConfigKey]?: BreakerConfig[K] | undefined }

interface Range {
  min: number
  max: number
  whole: boolean
  nullable: boolean
  exclusive?: boolean
}

const count = (min: number, max: number, nullable = false): Range => ({ min, max, whole: true, nullable })
const share = (nullable = false, exclusive = false): Range => ({ min: 0, max: 1, whole: false, nullable, exclusive })
const HOUR = 3_600_000

/** The bounds of each number, inclusive; `exclusive`: the lower one is not. */
export const BREAKER_RANGES: Readonly<Record<Exclude<BreakerConfigKey, 'windowType'>, Range>> = {
  failureRateThreshold: share(true, true),
  failureThreshold: count(1, 1_000_000, true),
  consecutiveFailures: count(1, 10_000, true),
  slowCallMs: count(1, HOUR, true),
  slowRateThreshold: share(true, true),
  minimumCalls: count(1, 1_000_000),
  windowMs: count(500, HOUR),
  windowCalls: count(1, 10_000),
  hungCallMs: count(10, HOUR, true),
  openMs: count(10, HOUR),
  openFactor: { min: 1, max: 10, whole: false, nullable: false },
  openMaxMs: count(10, 24 * HOUR),
  openJitter: share(),
  halfOpenPermits: count(1, 1_000),
  successThreshold: count(1, 1_000),
  permitMs: count(50, HOUR),
  halfOpenMaxMs: count(0, HOUR),
  quorum: share(),
  ejectionMaxShare: share(),
  panicShare: share(),
}

/** Merges settings, later ones over earlier ones; an `undefined` changes nothing. Says where each value is from. */
export function mergeBreakerConfig(
  client: BreakerSettings,
  controlPlane: BreakerSettings,
): { config: BreakerConfig; sources: ConfigSources } {
  const config: Record<string, unknown> = { ...BREAKER_DEFAULTS }
  const sources: Record<string, ConfigSource> = {}
  for (const key of BREAKER_CONFIG_KEYS) {
    sources[key] = 'default'
    if (client[key] !== undefined) {
      config[key] = client[key]
      sources[key] = 'client'
    }
    if (controlPlane[key] !== undefined) {
      config[key] = controlPlane[key]
      sources[key] = 'control-plane'
    }
  }
  return { config: config as unknown as BreakerConfig, sources: sources as ConfigSources }
}

/**
 * Throws a ValidationError that says what to do when a value is out of bounds or two of them contradict each other, so
 * that the breaker could never open, never close, or never be probed.
 */
export function assertBreakerConfig(c: BreakerConfig): void {
  for (const key of Object.keys(BREAKER_RANGES) as (keyof typeof BREAKER_RANGES)[]) assertRange(key, c[key])
  if (c.windowType !== 'time' && c.windowType !== 'count') {
    refuse(`windowType must be "time" or "count", not ${JSON.stringify(c.windowType)}`)
  }
  const criteria = [c.failureRateThreshold, c.failureThreshold, c.consecutiveFailures, c.slowRateThreshold]
  if (criteria.every((threshold) => threshold === null)) {
    refuse(
      'nothing could ever open it: set failureRateThreshold, failureThreshold, consecutiveFailures or slowRateThreshold. To switch a breaker off, use the override "disabled"',
    )
  }
  if (c.slowRateThreshold !== null && c.slowCallMs === null) {
    refuse('slowRateThreshold needs slowCallMs, which says from when on a call is slow')
  }
  if (c.hungCallMs !== null && c.slowCallMs !== null && c.hungCallMs < c.slowCallMs) {
    refuse(
      `hungCallMs (${c.hungCallMs}) is below slowCallMs (${c.slowCallMs}), so calls would fail before they are slow: raise hungCallMs`,
    )
  }
  if (c.windowType === 'count') {
    if (c.minimumCalls > c.windowCalls) {
      refuse(
        `minimumCalls (${c.minimumCalls}) exceeds windowCalls (${c.windowCalls}), so it could never open: lower minimumCalls or raise windowCalls`,
      )
    }
    if (c.failureThreshold !== null && c.failureThreshold > c.windowCalls) {
      refuse(
        `failureThreshold (${c.failureThreshold}) exceeds windowCalls (${c.windowCalls}), which could never hold so many: lower it or raise windowCalls`,
      )
    }
  }
  if (c.openMs > c.openMaxMs) {
    refuse(`openMs (${c.openMs}) exceeds openMaxMs (${c.openMaxMs}): raise openMaxMs or lower openMs`)
  }
  if (c.halfOpenMaxMs > 0 && c.halfOpenMaxMs < c.permitMs) {
    refuse(
      `halfOpenMaxMs (${c.halfOpenMaxMs}) is below permitMs (${c.permitMs}), so a probe could outlive the half-open state: lower permitMs, or set halfOpenMaxMs to 0`,
    )
  }
}

function assertRange(key: keyof typeof BREAKER_RANGES, value: unknown): void {
  const { min, max, whole, nullable, exclusive } = BREAKER_RANGES[key]
  if (value === null && nullable) return
  const fits =
    typeof value === 'number' &&
    (whole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    value <= max &&
    (exclusive ? value > min : value >= min)
  if (fits) return
  const kind = whole ? 'a whole number' : 'a number'
  const from = exclusive ? `above ${min}` : `from ${min}`
  const or = nullable ? ', or null to leave it out' : ''
  refuse(`${key} must be ${kind} ${from} to ${max}${or}; it is ${JSON.stringify(value) ?? String(value)}`)
}

function refuse(message: string): never {
  throw new ValidationError(`Breaker settings: ${message}.`)
}

const NAME = /^(?=.*\S)[^\p{Cc}\p{Cs}]{1,160}$/u

/** Breakers may be called anything of 1 to 160 characters that can be shown. Throws ValidationError. */
export function assertBreakerName(name: unknown): asserts name is string {
  if (typeof name === 'string' && NAME.test(name)) return
  throw new ValidationError(
    `${JSON.stringify(name)?.slice(0, 100)} is no name for a breaker: 1 to 160 characters, none of them a control character.`,
  )
}

export const BREAKER_NAME = NAME

/**
 * The settings in force. What the control plane says was checked against what callers said then; should their code have
 * changed so that both together contradict each other, the control plane's stand alone, else the callers'.
 */
export function configInForce(
  client: BreakerSettings,
  controlPlane: BreakerSettings,
): { config: BreakerConfig; sources: ConfigSources } {
  for (const pair of [
    [client, controlPlane],
    [{}, controlPlane],
    [client, {}],
  ] as const) {
    const merged = mergeBreakerConfig(pair[0], pair[1])
    try {
      assertBreakerConfig(merged.config)
      return merged
    } catch {
      // The next pair is looked at.
    }
  }
  return mergeBreakerConfig({}, {})
}
