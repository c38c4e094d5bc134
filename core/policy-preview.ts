/** What a policy will do, before it does it: the schedule of its delays, and many clients that fail together. */
import { cappedDelay, jitteredDelay } from './backoff.ts'
import type { RetryPolicy } from './policy.ts'
import type { Random } from './random.ts'

export interface Band {
  min: number
  mean: number
  max: number
}

export interface ScheduleStep {
  /** 1 for the first retry */
  retry: number
  delay: Band
  /** from the first failure until this retry, its attempts taken to fail at once */
  since: Band
}

/** Retries that a preview draws at most; past them a schedule stands at its cap. */
export const PREVIEW_RETRIES_MAX = 50
const SAMPLES = 2_000

/**
 * The delays of each retry, in milliseconds. Means are exact, except for `decorrelated`, whose delays depend on each other:
 * there they are those of 2,000 runs.
 */
export function schedule(policy: RetryPolicy, random: Random): ScheduleStep[] {
  const retries = Math.min(policy.maxRetries, PREVIEW_RETRIES_MAX)
  const means = policy.jitter === 'decorrelated' ? sampledMeans(policy, retries, random) : null
  const since: Band = { min: 0, mean: 0, max: 0 }
  const steps: ScheduleStep[] = []
  let highest = 0
  for (let n = 0; n < retries; n++) {
    const v = cappedDelay(policy, n)
    let delay: Band
    if (policy.jitter === 'none') delay = { min: v, mean: v, max: v }
    else if (policy.jitter === 'full') delay = { min: 0, mean: v / 2, max: v }
    else if (policy.jitter === 'equal') delay = { min: v / 2, mean: (v * 3) / 4, max: v }
    else {
      const base = Math.min(policy.initialDelayMs, policy.maxDelayMs)
      highest = Math.min(policy.maxDelayMs, 3 * Math.max(base, highest))
      delay = { min: base, mean: means?.[n] ?? base, max: highest }
    }
    since.min += delay.min
    since.mean += delay.mean
    since.max += delay.max
    steps.push({ retry: n + 1, delay, since: { ...since } })
  }
  return steps
}

function sampledMeans(policy: RetryPolicy, retries: number, random: Random): number[] {
  const sums = new Array<number>(retries).fill(0)
  for (let run = 0; run < SAMPLES; run++) {
    let previous = 0
    for (let n = 0; n < retries; n++) {
      previous = jitteredDelay(policy, n, previous, random)
      sums[n] = (sums[n] as number) + previous
    }
  }
  return sums.map((sum) => sum / SAMPLES)
}

export interface Stampede {
  clients: number
  stepMs: number
  /** retries in each step since all failed together, by the policy and by the same one without jitter */
  spread: number[]
  together: number[]
  /** the most retries in one step */
  worstSpread: number
  worstTogether: number
  /** retries after the last step */
  later: number
}

/**
 * `clients` of one service fail together at 0 and go on failing: how many of their retries meet in each `stepMs`. Each is a
 * process of its own, so a budget, which belongs to a process, changes nothing here.
 */
export function stampede(
  policy: RetryPolicy,
  random: Random,
  { clients = 1_000, stepMs = 100, stepsMax = 300 }: { clients?: number; stepMs?: number; stepsMax?: number } = {},
): Stampede {
  const run = (p: RetryPolicy) => {
    const counts: number[] = []
    let later = 0
    for (let client = 0; client < clients; client++) {
      let at = 0
      let previous = 0
      for (let n = 0; n < p.maxRetries; n++) {
        previous = jitteredDelay(p, n, previous, random)
        at += previous
        if (p.maxElapsedMs !== null && at >= p.maxElapsedMs) break
        const step = Math.floor(at / stepMs)
        if (step >= stepsMax) {
          later++
          break
        }
        while (counts.length <= step) counts.push(0)
        counts[step] = (counts[step] as number) + 1
      }
    }
    return { counts, later }
  }
  const spread = run(policy)
  const together = run({ ...policy, jitter: 'none' })
  const length = Math.max(spread.counts.length, together.counts.length)
  const whole = (counts: number[]) => Array.from({ length }, (_, i) => counts[i] ?? 0)
  return {
    clients,
    stepMs,
    spread: whole(spread.counts),
    together: whole(together.counts),
    worstSpread: spread.counts.reduce((a, b) => Math.max(a, b), 0),
    worstTogether: together.counts.reduce((a, b) => Math.max(a, b), 0),
    later: spread.later,
  }
}
