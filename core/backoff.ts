import type { Random } from './random.ts'

export interface BackoffConfig {
  initialDelayMs: number
  maxDelayMs: number
  multiplier: number
}

/**
 * Delay before attempt `attempt` (0-based), in milliseconds: capped first, then full jitter, so that the cap does not
 * line clients up again. Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 */
export function fullJitter(config: BackoffConfig, attempt: number, random: Random): number {
  const capped = Math.min(config.maxDelayMs, config.initialDelayMs * config.multiplier ** attempt)
  return random() * capped
}
