/** Steps that are calls to registered services: discovered, sent with the step's key, and read for what they mean. */
import { powerOfTwoChoices } from '../../core/balance.ts'
import type { Outcome } from '../../core/breaker.ts'
import { HoldfastError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { type Json, SAGA_LIMITS } from '../../core/saga/definition.ts'
import type { Failure } from '../../core/saga/outcome.ts'
import type { Outbound } from '../outbound.ts'
import type { Registry } from '../registry.ts'
import { admitStep, type StepBreakers } from './step-breakers.ts'
import type { HttpCall } from './task.ts'

export type HttpResult = { output: Json } | { failure: Failure }

export interface HttpStepsOptions {
  registry: Pick<Registry, 'discover'>
  outbound: Outbound
  random: Random
  breakers?: StepBreakers | undefined
}

/** One attempt. Never throws. */
export async function callStep(options: HttpStepsOptions, call: HttpCall): Promise<HttpResult> {
  const permit = admitStep(options.breakers, call.action.service)
  if ('refused' in permit) return { failure: permit.refused }
  let result: HttpResult
  try {
    result = await attempt(options, call)
  } catch (error) {
    result = { failure: failureOf(error) }
  }
  permit.settle(meaningForBreaker(result))
  return result
}

/** What the service could not do is a failure; what it refused to do, and what never reached it for a reason of ours, is none. */
function meaningForBreaker(result: HttpResult): Outcome {
  if ('output' in result) return 'success'
  const { code } = result.failure.error
  if (OURS.has(code)) return 'ignored'
  const status = /^HTTP_(\d+)$/.exec(code)?.[1]
  return status !== undefined && Number(status) < 500 && status !== '408' ? 'success' : 'failure'
}

const OURS = new Set(['NO_INSTANCE', 'BAD_PATH', 'OUTPUT_TOO_LARGE', 'VALIDATION', 'INTERNAL'])

async function attempt({ registry, outbound, random }: HttpStepsOptions, call: HttpCall): Promise<HttpResult> {
  const { action, input, key } = call
  const query = { name: action.service, health: 'routable' as const, limit: 1_000 }
  const { instances } = await registry.discover(query, 'eventual')
  const instance = powerOfTwoChoices(
    instances,
    (i) => i.weight,
    () => 0,
    random,
  )
  if (!instance) {
    return refused('NO_INSTANCE', `No instance of "${action.service}" can take the call.`, true)
  }
  const { path, missing } = pathOf(action.path, input)
  if (missing) return refused('BAD_PATH', `The input has no "${missing}" for the path ${action.path}.`, false)
  const hasBody = action.method !== 'GET' && action.method !== 'DELETE'
  const answer = await outbound.http({
    address: instance.address,
    path,
    method: action.method,
    headers: {
      accept: 'application/json',
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...action.headers,
      ...(call.traceparent === null ? {} : { traceparent: call.traceparent }),
      'idempotency-key': key,
      'x-saga-run': call.runId,
      'x-saga-step': call.step,
    },
    ...(hasBody ? { body: JSON.stringify(input) } : {}),
    timeoutMs: call.timeoutMs,
    maxBytes: SAGA_LIMITS.value,
  })
  const text = answer.body.toString('utf8')
  if (answer.status >= 200 && answer.status < 300) {
    if (answer.truncated) {
      const error = { code: 'OUTPUT_TOO_LARGE', message: `The answer is larger than ${SAGA_LIMITS.value} bytes.` }
      return { failure: { error, outcome: 'unknown', retryable: false, retryAfterMs: null } }
    }
    return { output: parse(text) }
  }
  const error = {
    code: `HTTP_${answer.status}`,
    message: `${action.method} ${path} at ${instance.id} answered ${answer.status}${text ? `: ${text.slice(0, 300)}` : ''}`,
  }
  const retryAfterMs = retryAfter(answer.headers['retry-after'])
  return { failure: { error, ...meaningOf(answer.status), retryAfterMs } }
}

/** D2: a 5xx says nothing about what has happened; a 4xx says that nothing has. */
export function meaningOf(status: number): { outcome: 'failed' | 'unknown'; retryable: boolean } {
  if (status === 425 || status === 429) return { outcome: 'failed', retryable: true }
  if (status === 408 || status >= 500) return { outcome: 'unknown', retryable: status !== 501 && status !== 505 }
  return { outcome: 'failed', retryable: false }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof HoldfastError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { error: { code: 'INTERNAL', message }, outcome: 'unknown', retryable: true, retryAfterMs: null }
  }
  const phase = error.details?.phase
  const neverSent =
    phase === 'resolve' ||
    phase === 'connect' ||
    error.code === 'SERVICE_UNAVAILABLE' ||
    error.code === 'VALIDATION' ||
    error.details?.cause === 'outbound-refused'
  return {
    error: { code: error.code, message: error.message },
    outcome: neverSent ? 'failed' : 'unknown',
    retryable: error.code !== 'VALIDATION',
    retryAfterMs: error.retryAfterMs ?? null,
  }
}

function refused(code: string, message: string, retryable: boolean): HttpResult {
  return { failure: { error: { code, message }, outcome: 'failed', retryable, retryAfterMs: null } }
}

/** `{field}` from the input; what it holds cannot leave its segment. */
export function pathOf(template: string, input: Json): { path: string; missing: string | null } {
  let missing: string | null = null
  const path = template.replaceAll(/\{([^{}]{1,100})\}/g, (_whole, field: string) => {
    const from = input !== null && typeof input === 'object' && !Array.isArray(input) ? input : {}
    const value = Object.hasOwn(from, field) ? from[field] : undefined
    if (value === undefined || value === null || typeof value === 'object' || value === '.' || value === '..') {
      missing = field
    }
    return encodeURIComponent(String(value ?? ''))
  })
  return { path, missing }
}

function parse(text: string): Json {
  if (text === '') return null
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function retryAfter(header: string | undefined): number | null {
  const seconds = header === undefined ? Number.NaN : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3_600) * 1_000 : null
}
