import {
  BreakerOpenError,
  NetworkError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
} from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'
import { type AttemptMarks, cutAttempt, cutLatency, type LatencyCut, type RequestMarks } from '../core/latency.ts'
import type { PolicyValues } from '../core/policy.ts'
import type { DiscoverFilter } from './api.ts'
import { type Agents, AttemptError, type AttemptResult, attempt } from './attempt.ts'
import { type BreakerOf, type CallPermit, enterInstance, enterService, free } from './call-breakers.ts'
import { failure, isBroken } from './call-failure.ts'
import { encode, lowerCased, traceHeaders } from './call-request.ts'
import { CallResponse } from './call-response.ts'
import { assertAnswered, CALL_POLICY, type CallRetry, isRetried, responseIn } from './call-retry.ts'
import { Deadline } from './deadline.ts'
import type { Discovery } from './discover.ts'
import type { CallFaults } from './faults.ts'
import type { Load } from './load.ts'
import { struck } from './strike.ts'
import { NO_RECORDER, type Recorder } from './telemetry.ts'
import { systemTime } from './time.ts'
import { currentTrace, nextTrace, type Trace } from './trace.ts'

export interface CallOptions extends Pick<DiscoverFilter, 'tags' | 'metadata' | 'zone'> {
  /** default `GET`, with a body `POST` */
  method?: string | undefined
  headers?: Record<string, string> | undefined
  /** text and bytes go as they are, anything else as JSON */
  body?: unknown
  /** for the whole call, retries and their waits included; default 5,000 */
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  /** may be repeated without harm; default: by the method (GET, HEAD, OPTIONS, PUT, DELETE) */
  idempotent?: boolean | undefined
  /**
   * How it is tried again, where that is safe: a policy by name or values; `false`: only elsewhere, when a first instance
   * could not be reached. Default: the policy `call`.
   */
  retry?: string | PolicyValues | false | undefined
  /** `false`: open breakers of the service and its instances are passed by, and learn nothing of it */
  breaker?: boolean | undefined
  /** a name for what is asked for, such as `/orders/:id`, that the figures of latency are told apart by */
  route?: string | undefined
  /** default: the instance's `metadata.protocol`, else `http` */
  protocol?: 'http' | 'https' | undefined
  /** longest answer; default 16 MiB */
  bytesMax?: number | undefined
}

const TIMEOUT_MS = 5_000
const BYTES_MAX = 16 * 1024 * 1024
const ATTEMPTS_MAX = 2
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

export interface CallParts {
  discovery: Discovery
  load: Load
  agents: Agents
  recorder: Recorder
  retry?: CallRetry
  breakers?: BreakerOf
  faults?: Pick<CallFaults, 'strike'>
}

/**
 * Discover, choose, call, measure: one call. An instance that cannot be reached is passed over once, at once: nothing was
 * sent. What else fails is tried again by a policy, elsewhere where there is an elsewhere, when it was certainly not seen
 * or may be repeated without harm: broken connections, no answer in time, 429, 502, 503 and 504.
 * Throws ServiceUnavailableError (no instance), BreakerOpenError, TimeoutError, NetworkError (`details.sent`: it may have
 * had its effect), BudgetExhaustedError (too much is being retried), ValidationError (bad arguments).
 */
export async function call(
  parts: CallParts,
  service: string,
  path: string,
  options: CallOptions,
): Promise<CallResponse> {
  if (!path.startsWith('/')) throw new ValidationError(`The path must begin with "/": "${path}"`)
  const { timeoutMs = TIMEOUT_MS, retry } = options
  const body = encode(options.body)
  const method = (options.method ?? (body.data === undefined ? 'GET' : 'POST')).toUpperCase()
  const idempotent = options.idempotent ?? IDEMPOTENT.has(method)
  const trace = nextTrace(currentTrace())
  const headers = { ...body.headers, ...lowerCased(options.headers), ...traceHeaders(trace) }
  const deadline = new Deadline(timeoutMs, options.signal)
  const prepared = { ...options, method, path, headers, body: body.data }
  const run = new Run(parts, service, prepared, { trace, deadline, timeoutMs, idempotent })
  try {
    return run.settled(await withRetries(run, parts.retry, retry))
  } catch (error) {
    throw run.failed(error)
  } finally {
    deadline.clear()
  }
}

async function withRetries(run: Run, retrying: CallRetry | undefined, retry: CallOptions['retry']) {
  const { deadline, idempotent } = run.facts
  if (retry === false || !retrying) return await run.pass(deadline.signal, ATTEMPTS_MAX, idempotent)
  let running: Promise<CallResponse> | null = null
  try {
    return await retrying(
      retry ?? CALL_POLICY,
      async (signal, n) => {
        running = run.pass(signal, n === 0 ? ATTEMPTS_MAX : 1, false)
        return assertAnswered(await running.finally(() => (running = null)), Date.now())
      },
      {
        signal: deadline.signal,
        idempotent,
        retryIf: (error) => (isRetried(error) ? undefined : false),
      },
    )
  } catch (error) {
    const response = responseIn(error)
    if (response) return response
    if (!deadline.expired) throw error
    // An attempt that was under way ends with words about whom it was waiting for.
    if (running) await running
    throw run.late(error)
  }
}

interface RunFacts {
  trace: Trace
  deadline: Deadline
  timeoutMs: number
  /** may be repeated when it may have been seen */
  idempotent: boolean
}

/** One call and its attempts. */
class Run {
  readonly #parts: CallParts
  readonly #service: string
  readonly #prepared: Prepared
  readonly facts: RunFacts
  readonly #begun = performance.now()
  readonly #at = Date.now()
  #instance: Instance | null = null
  readonly #tried = new Set<string>()
  #attempts = 0
  #last: unknown = null
  readonly #marks: AttemptMarks[] = []
  #admissionMs = 0
  #backoffMs = 0
  /** when the pass before this one was over */
  #passedMs: number | null = null

  constructor(parts: CallParts, service: string, prepared: Prepared, facts: RunFacts) {
    this.#parts = parts
    this.#service = service
    this.#prepared = prepared
    this.facts = facts
  }

  /** An attempt, and at most `attemptsMax` in all while others fail at once; `again`: also those that may have been seen. */
  async pass(signal: AbortSignal, attemptsMax: number, again: boolean): Promise<CallResponse> {
    if (this.#passedMs !== null) this.#backoffMs += performance.now() - this.#passedMs
    try {
      return await this.#guarded(signal, attemptsMax, again)
    } finally {
      this.#passedMs = performance.now()
    }
  }

  async #guarded(signal: AbortSignal, attemptsMax: number, again: boolean): Promise<CallResponse> {
    const { breakers } = this.#parts
    if (!breakers || this.#prepared.breaker === false) return this.#attempt(signal, attemptsMax, again, null)
    const permit = await this.#admitted(enterService(breakers, this.#service, signal))
    try {
      const response = await this.#attempt(permit.signal, attemptsMax, again, breakers)
      permit.settle(response.status >= 500 ? 'failure' : 'success')
      return response
    } catch (error) {
      permit.settle(this.#outcomeOf(error))
      throw error
    }
  }

  async #admitted<T>(entering: PromiseLike<T> | T): Promise<T> {
    const asked = performance.now()
    try {
      return await entering
    } finally {
      this.#admissionMs += performance.now() - asked
    }
  }

  /** The caller's own doing says nothing about whom it called, and neither does what was never sent to anybody. */
  #outcomeOf(error: unknown): 'failure' | 'ignored' {
    const { deadline } = this.facts
    if (deadline.signal.aborted && !deadline.expired) return 'ignored'
    return error instanceof NetworkError || error instanceof TimeoutError ? 'failure' : 'ignored'
  }

  async #attempt(
    signal: AbortSignal,
    attemptsMax: number,
    again: boolean,
    breakers: BreakerOf | null,
  ): Promise<CallResponse> {
    const { trace, deadline, timeoutMs } = this.facts
    const { discovery, load } = this.#parts
    const { tags, metadata, zone } = this.#prepared
    const service = this.#service
    const filter = tags || metadata || zone !== undefined ? { tags, metadata, zone } : undefined
    const candidates = discovery.local(service, filter) ?? (await discovery.discover(service, { ...filter, timeoutMs }))
    for (let made = 1; ; made++) {
      // All of them tried: from the beginning.
      if (candidates.every((instance) => this.#tried.has(instance.id))) this.#tried.clear()
      const instance = load.choose(candidates, this.#tried)
      if (!instance) {
        throw new ServiceUnavailableError(`There is no instance of "${service}" to call${narrowed(filter)}`)
      }
      let permit: CallPermit = free(signal)
      if (breakers) {
        const entered = await this.#admitted(enterInstance(breakers, instance, signal))
        if (entered instanceof BreakerOpenError) {
          this.#tried.add(instance.id)
          if (candidates.some((other) => !this.#tried.has(other.id))) {
            made--
            continue
          }
          throw entered
        }
        permit = entered
      }
      this.#attempts++
      try {
        const result = await once(this.#parts, instance, this.#prepared, permit.signal)
        this.#tried.add(instance.id)
        permit.settle(result.status >= 500 ? 'failure' : 'success')
        this.#noteAttempt(result.marks, instance)
        const timing = this.#timing()
        return new CallResponse(result, { timing, traceId: trace.traceId, instance, attempts: this.#attempts })
      } catch (error) {
        this.#tried.add(instance.id)
        if (!(error instanceof AttemptError)) {
          permit.settle('ignored')
          throw error
        }
        this.#noteAttempt(error.marks, instance)
        permit.settle(deadline.signal.aborted && !deadline.expired ? 'ignored' : 'failure')
        const elsewhere = made < attemptsMax && candidates.length > 1 && !signal.aborted
        if (elsewhere && (!error.sent || (again && isBroken(error)))) continue
        this.#last = failure(error, service, instance, deadline, timeoutMs)
        throw this.#last
      }
    }
  }

  #noteAttempt(marks: AttemptMarks, instance: Instance): void {
    marks.instance = instance.id
    this.#instance = instance
    this.#marks.push(marks)
  }

  settled(response: CallResponse): CallResponse {
    const error = response.status >= 500 ? `answered ${response.status}` : null
    this.#tell(response.timing, response.status, error, error !== null)
    return response
  }

  /** Returns the error. Who gives up does not make the call a failed one. */
  failed(error: unknown): unknown {
    const { deadline } = this.facts
    const gaveUp = deadline.signal.aborted && !deadline.expired
    this.#tell(this.#timing(), null, error instanceof Error ? error.message : String(error), !gaveUp)
    return error
  }

  #tell(cut: LatencyCut, status: number | null, error: string | null, failed: boolean): void {
    const { recorder } = this.#parts
    const { method, path, route } = this.#prepared
    const { traceId, spanId, parentId = null } = this.facts.trace
    if (recorder === NO_RECORDER) return
    const callee = this.#service
    const protocol = protocolOf(this.#instance, this.#prepared)
    recorder.request({ callee, protocol, route, failed, cut })
    if (!recorder.wants(traceId, callee, protocol, cut.totalMs, failed)) return
    // Written out: spreading one object into another costs more than all the sums of a call.
    recorder.exemplar({
      id: spanId,
      traceId,
      parentId,
      at: this.#at,
      callee,
      protocol,
      route,
      method,
      path,
      status,
      error,
      failed,
      cut,
      marks: this.#requestMarks(this.#begun + cut.totalMs),
      connectFloorMs: this.#floor(performance.now()),
    })
  }

  /** From the call to now. */
  #timing(): LatencyCut {
    const endMs = performance.now()
    return cutLatency(this.#requestMarks(endMs), this.#floor(endMs))
  }

  #requestMarks(endMs: number): RequestMarks {
    return {
      startMs: this.#begun,
      endMs,
      admissionMs: this.#admissionMs,
      backoffMs: this.#backoffMs,
      attempts: this.#marks,
      firstByteMs: null,
    }
  }

  #floor(now: number): number | null {
    return this.#instance && this.#parts.agents.roundTrips.floor(this.#instance.address, now)
  }

  /** The time is over: in an attempt, in its words; while waiting to try again, in words of its own. */
  late(error: unknown): TimeoutError {
    if (this.#last instanceof TimeoutError) return this.#last
    const { timeoutMs } = this.facts
    const before = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    const said = this.#attempts === 1 ? 'the only attempt failed' : `${this.#attempts} attempts failed`
    return new TimeoutError(`"${this.#service}" did not answer within ${timeoutMs} ms, ${said}${before}`, {
      details: { service: this.#service, attempts: this.#attempts },
    })
  }
}

interface Prepared extends CallOptions {
  method: string
  path: string
  headers: Record<string, string>
  body: Uint8Array | string | undefined
}

async function once(parts: CallParts, instance: Instance, r: Prepared, signal: AbortSignal): Promise<AttemptResult> {
  const { load, recorder, agents, faults } = parts
  const protocol = protocolOf(instance, r)
  const { method, path, headers, body, bytesMax = BYTES_MAX } = r
  load.began(instance.id)
  recorder.began(instance.service, protocol)
  let reached = true
  let marks: AttemptMarks | null = null
  let failed = true
  try {
    const request = { protocol, address: instance.address, method, path, headers, body, signal, bytesMax } as const
    const strike = faults?.strike(instance.service) ?? null
    const result = await (strike === null ? attempt(agents, request) : struck(agents, request, strike, systemTime))
    marks = result.marks
    failed = result.status >= 500
    return result
  } catch (error) {
    if (error instanceof AttemptError) {
      marks = error.marks
      // Running out of time while connecting says nothing against an instance that was given too little of it.
      reached = error.sent || signal.aborted
    }
    throw error
  } finally {
    load.ended(instance.id, reached)
    recorder.ended(instance.service, protocol)
    if (recorder !== NO_RECORDER) {
      const own = marks && cutAttempt(marks, agents.roundTrips.floor(instance.address, marks.endMs))
      recorder.record({
        callee: instance.service,
        protocol,
        failed,
        instance: instance.id,
        durationMs: own?.totalMs ?? 0,
        attempt: own ?? undefined,
      })
    }
  }
}

function protocolOf(instance: Instance | null, r: Pick<Prepared, 'protocol'>): 'http' | 'https' {
  return r.protocol ?? (instance?.metadata.protocol === 'https' ? 'https' : 'http')
}

function narrowed(filter: object | undefined): string {
  return filter ? ' that matches the filter' : ''
}
