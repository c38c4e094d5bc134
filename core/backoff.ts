import type { Random } from './random.ts'

/**
 * How the delays of a backoff are spread.
 * - `none`: v itself, the same for everybody
 * - `full`: U(0, v)
 * - `equal`: v/2 + U(0, v/2)
 * - `decorrelated`: min(cap, U(base, 3·s)) of the delay s before
 */
export const JITTERS = ['none', 'full', 'equal', 'decorrelated'] as const
export type Jitter = (typeof JITTERS)[number]

export interface BackoffConfig {
  initialDelayMs: number
  maxDelayMs: number
  multiplier: number
}

/**
 * The delay before retry `attempt` (0-based) without jitter, in milliseconds: v = min(cap, base·factor^n). Finite for every
 * attempt, also where the power itself is no longer a number of this machine.
 */
export function cappedDelay({ initialDelayMs, maxDelayMs, multiplier }: BackoffConfig, attempt: number): number {
  if (initialDelayMs === 0) return 0
  return Math.min(maxDelayMs, initialDelayMs * multiplier ** attempt)
}

/**
 * Delay before attempt `attempt` (0-based), in milliseconds: capped first, then full jitter, so that the cap does not
 * line clients up again. Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 */
export function fullJitter(config: BackoffConfig, attempt: number, random: Random): number {
  return random() * cappedDelay(config, attempt)
}

/**
 * The delay before retry `attempt` (0-based), in milliseconds, in [0, maxDelayMs]. `previousMs` is the delay before (for
 * `decorrelated`; below the base it counts as the base). Same source as `fullJitter`.
 */
export function jitteredDelay(
  config: BackoffConfig & { jitter: Jitter },
  attempt: number,
  previousMs: number,
  random: Random,
): number {
  switch (config.jitter) {
    case 'none':
      return cappedDelay(config, attempt)
    case 'full':
      return random() * cappedDelay(config, attempt)
    case 'equal': {
      const half = cappedDelay(config, attempt) / 2
      return half + random() * half
    }
    case 'decorrelated': {
      const base = Math.min(config.initialDelayMs, config.maxDelayMs)
      const high = 3 * Math.max(base, previousMs)
      return Math.min(config.maxDelayMs, base + random() * (high - base))
    }
  }
}
