/** Policies in words and short figures. Pure. */
import type { Jitter } from '@/core/backoff'
import type { Failure, RetryPolicy, Source } from '@/core/policy'
import { formatMs } from '../ui/figure'

export const JITTER_WORDS: Record<Jitter, { label: string; words: string }> = {
  none: { label: 'none', words: 'Everybody waits the same: those that failed together come back together.' },
  full: { label: 'full', words: 'Anywhere from nothing to the delay: the widest spread.' },
  equal: { label: 'equal', words: 'Half of the delay, and anywhere within the other half: never at once.' },
  decorrelated: { label: 'decorrelated', words: 'From the first delay to three times the one before.' },
}

export const FAILURE_WORDS: Partial<Record<Failure, string>> = {
  NETWORK: 'connection broken or refused',
  TIMEOUT: 'no answer in time',
  SERVICE_UNAVAILABLE: 'nobody can serve it (503)',
  RATE_LIMITED: 'too many requests (429)',
  CONSISTENCY: 'not fresh enough',
  CONFLICT: 'a lost race (409)',
  LOCK: 'a lock is held',
  INTERNAL: 'a defect over there (500)',
  OTHER: 'anything else',
}

export const SOURCE_WORDS: Record<Source, string> = {
  stored: 'set here',
  code: 'from code',
  'built-in': 'built in',
  default: 'default',
}

/** Milliseconds as people say them: `200 ms`, `5 s`, `30 min`. */
export function span(ms: number): string {
  if (ms >= 3_600_000) return `${trim(ms / 3_600_000)} h`
  if (ms >= 60_000) return `${trim(ms / 60_000)} min`
  if (ms >= 1_000) return `${trim(ms / 1_000)} s`
  return ms === 0 ? '0' : formatMs(ms)
}

const trim = (n: number) => (n >= 99.5 ? String(Math.round(n)) : String(Math.round(n * 10) / 10))

/** A policy on one line. */
export function inShort(policy: RetryPolicy): string {
  if (policy.maxRetries === 0) return 'no retries'
  const retries = policy.maxRetries === 1 ? '1 retry' : `${policy.maxRetries} retries`
  return `${retries}, ${span(policy.initialDelayMs)} to ${span(policy.maxDelayMs)}, ${JITTER_WORDS[policy.jitter].label}`
}

export const who = (actor: string) => actor.replace(/^user:/, '')
