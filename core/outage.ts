/** What retries add to a service that is down: the same rules as in the SDK, run on a line of events. */
import type { RetryPolicy } from './policy.ts'
import type { Random } from './random.ts'
import { afterFailure } from './retry.ts'
import { BudgetState } from './retry-budget.ts'

export interface OutageOptions {
  /** how long the service is down */
  downMs: number
  /** requests a second of the whole fleet, retries not counted */
  requestsPerSecond: number
  /** processes that send them; each has a budget of its own */
  processes: number
  /** how long an attempt takes to fail */
  attemptMs: number
}

export interface OutageLoad {
  stepMs: number
  /** attempts for each request that would have come without retries: 1 is no extra load */
  multiplier: number[]
  peak: number
  /** requests that failed for good, as a share of all that began while it was down */
  failedShare: number
  /** retries that the budget refused, of all that were wanted */
  refusedShare: number
}

/** Requests simulated at most; a larger fleet is stood for by some of its processes. */
const REQUESTS_MAX = 12_000
const STEPS = 120

interface Event {
  at: number
  process: number
  retries: number
  previousMs: number
  began: number
  /** a retry that the budget granted */
  granted: boolean
  phase: 'attempt' | 'failed'
}

/** The load on a service that is down from 0 to `downMs`, until as long again has passed, by time. */
export function outage(policy: RetryPolicy, random: Random, options: OutageOptions): OutageLoad {
  const { downMs, attemptMs } = options
  const untilMs = downMs * 2
  const processesMax = Math.max(1, options.processes)
  const perProcess = options.requestsPerSecond / processesMax
  const processes = Math.max(1, Math.min(processesMax, Math.floor(REQUESTS_MAX / ((perProcess * untilMs) / 1000))))
  const total = Math.min(REQUESTS_MAX, Math.round((processes * perProcess * untilMs) / 1000))
  const budgets = policy.budget
    ? Array.from({ length: processes }, () => new BudgetState(policy.budget as NonNullable<typeof policy.budget>, 0))
    : null
  const stepMs = untilMs / STEPS
  const attempts = new Array<number>(STEPS).fill(0)
  const offered = new Array<number>(STEPS).fill(0)
  const heap = new Heap()
  let begunDown = 0
  let failed = 0
  let wanted = 0
  let refused = 0
  let next = 0
  for (;;) {
    const arrivesAt = next < total ? ((next + 0.5) / total) * untilMs : Number.POSITIVE_INFINITY
    let event = heap.top
    if (event && event.at <= arrivesAt) heap.pop()
    else if (next < total) {
      event = {
        at: arrivesAt,
        process: next % processes,
        retries: 0,
        previousMs: 0,
        began: arrivesAt,
        granted: false,
        phase: 'attempt',
      }
      next++
      count(offered, event.at, stepMs)
      budgets?.[event.process]?.begin()
      if (event.at < downMs) begunDown++
    } else break
    const budget = budgets?.[event.process]
    if (event.phase === 'attempt') {
      count(attempts, event.at, stepMs)
      if (event.at < downMs) heap.push({ ...event, at: event.at + attemptMs, phase: 'failed' })
      else {
        if (event.granted) budget?.done()
        budget?.end()
      }
      continue
    }
    if (event.granted) budget?.done()
    const decision = afterFailure(
      policy,
      {
        failure: policy.retryOn[0] ?? 'NETWORK',
        unsafe: false,
        retryAfterMs: undefined,
        retries: event.retries,
        previousMs: event.previousMs,
        elapsedMs: event.at - event.began,
      },
      random,
    )
    let wait: number | null = null
    if ('wait' in decision) {
      wanted++
      if (budget?.take(event.at)) refused++
      else wait = decision.wait
    }
    if (wait === null) {
      failed++
      budget?.end()
      continue
    }
    heap.push({
      ...event,
      at: event.at + wait,
      phase: 'attempt',
      retries: event.retries + 1,
      previousMs: wait,
      granted: budget !== undefined,
    })
  }
  const multiplier = attempts.map((n, i) => ((offered[i] as number) > 0 ? n / (offered[i] as number) : 1))
  return {
    stepMs,
    multiplier,
    peak: multiplier.reduce((a, b) => Math.max(a, b), 0),
    failedShare: begunDown === 0 ? 0 : failed / begunDown,
    refusedShare: wanted === 0 ? 0 : refused / wanted,
  }
}

function count(counts: number[], at: number, stepMs: number): void {
  const step = Math.floor(at / stepMs)
  if (step < counts.length) counts[step] = (counts[step] as number) + 1
}

/** The earliest event first. */
class Heap {
  readonly #events: Event[] = []

  get top(): Event | undefined {
    return this.#events[0]
  }

  push(event: Event): void {
    const events = this.#events
    let i = events.length
    events.push(event)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if ((events[parent] as Event).at <= event.at) break
      events[i] = events[parent] as Event
      i = parent
    }
    events[i] = event
  }

  pop(): void {
    const events = this.#events
    const last = events.pop()
    if (!last || events.length === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= events.length) break
      if (child + 1 < events.length && (events[child + 1] as Event).at < (events[child] as Event).at) child++
      if ((events[child] as Event).at >= last.at) break
      events[i] = events[child] as Event
      i = child
    }
    events[i] = last
  }
}
