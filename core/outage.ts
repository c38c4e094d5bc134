/** What retries add to a service that is down: the same rules as in the SDK, run on a line of events. */
import type { RetryBudget, RetryPolicy } from './policy.ts'
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

/** Attempts simulated at most; a larger fleet is stood for by some of its processes, a busier process by a quieter one. */
const ATTEMPTS_MAX = 60_000
const REQUESTS_MIN = 240
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
  const requestsMax = Math.max(REQUESTS_MIN, Math.floor(ATTEMPTS_MAX / (policy.maxRetries + 1)))
  const ofOne = (perProcess * untilMs) / 1000
  const processes = Math.max(1, Math.min(processesMax, Math.floor(requestsMax / ofOne)))
  const total = Math.max(STEPS, Math.min(requestsMax, Math.round(processes * ofOne)))
  const budget = policy.budget && scaled(policy.budget, total / (processes * ofOne))
  const budgets = budget ? Array.from({ length: processes }, () => new BudgetState(budget, 0)) : null
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
    const own = budgets?.[event.process]
    if (event.phase === 'attempt') {
      count(attempts, event.at, stepMs)
      if (event.at < downMs) heap.push({ ...event, at: event.at + attemptMs, phase: 'failed' })
      else {
        if (event.granted) own?.done()
        own?.end()
      }
      continue
    }
    if (event.granted) own?.done()
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
      if (own?.take(event.at)) refused++
      else wait = decision.wait
    }
    if (wait === null) {
      failed++
      own?.end()
      continue
    }
    heap.push({
      ...event,
      at: event.at + wait,
      phase: 'attempt',
      retries: event.retries + 1,
      previousMs: wait,
      granted: own !== undefined,
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

/** What a budget always allows, for a process that sends `share` of what it really does. */
function scaled(budget: RetryBudget, share: number): RetryBudget {
  if (share >= 1) return budget
  return {
    ...budget,
    perSecond: budget.perSecond * share,
    concurrentMin: Math.ceil(budget.concurrentMin * share),
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
