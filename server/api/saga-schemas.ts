/** Bounded shapes of what comes in about sagas. */
import { z } from 'zod'
import { BREAKPOINT_AT, HTTP_METHODS, type Json, SAGA_LIMITS, STEP_KINDS } from '../../core/saga/definition.ts'
import { PHASES } from '../../core/saga/event.ts'
import { RUN_STATUSES } from '../../core/saga/state.ts'
import { name } from './schemas.ts'

export const json = z.custom<Json>((value) => value !== undefined, 'a JSON value')

const DETAILS_MAX = 4_000

/** What is nested too deep to be written is not short. */
function isShort(value: unknown, max: number): boolean {
  try {
    return JSON.stringify(value).length <= max
  } catch {
    return false
  }
}

export const runId = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[a-z0-9-]+$/, 'the id of a run, such as "0mvk3z9xq00010abcd"')
export const stepName = name
export const phase = z.enum(PHASES)
export const lanePhase = z.enum(['do', 'undo'])
export const workerName = z
  .string()
  .min(1)
  .max(160)
  .regex(/^[\x21-\x7e]+$/, 'printable characters without spaces')
  .refine((value) => value !== 'http', '"http" is the control plane itself')
export const key = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]+$/u, 'no control characters')

const ms = z.number().int().min(1)
const DAY_MS = 86_400_000

const task = z.object({ type: z.literal('task'), task: name, queue: name.optional() })
const http = z.object({
  type: z.literal('http'),
  service: name,
  method: z.enum(HTTP_METHODS),
  path: z
    .string()
    .max(1_000)
    .regex(/^\/[\x21-\x7e]*$/, 'a path that begins with "/"'),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
      z
        .string()
        .max(1_000)
        .regex(/^[\x20-\x7e]*$/),
    )
    .refine((value) => Object.keys(value).length <= 32, 'at most 32 headers')
    .optional(),
})
const timer = z.object({
  type: z.literal('timer'),
  ms: ms.max(366 * DAY_MS).optional(),
  until: z.string().max(300).optional(),
})
const signal = z.object({ type: z.literal('signal'), signal: name })
const child = z.object({
  type: z.literal('saga'),
  definition: name,
  version: z.number().int().positive().optional(),
})

const retry = z.object({
  policy: name.optional(),
  maxAttempts: z.number().int().min(1).max(10_000).optional(),
  initialDelayMs: z.number().int().min(0).max(DAY_MS).optional(),
  multiplier: z.number().min(1).max(100).optional(),
  maxDelayMs: z.number().int().min(0).max(DAY_MS).optional(),
})

const timeoutMs = ms.max(600_000)

const step = z.object({
  name: stepName,
  description: z.string().max(1_000).optional(),
  kind: z.enum(STEP_KINDS).optional(),
  action: z.discriminatedUnion('type', [task, http, timer, signal, child]),
  after: z.array(stepName).max(SAGA_LIMITS.steps).optional(),
  input: json.optional(),
  inputSchema: json.optional(),
  undo: z
    .object({
      action: z.discriminatedUnion('type', [task, http, child]).optional(),
      input: json.optional(),
      retry: retry.optional(),
      timeoutMs: timeoutMs.optional(),
    })
    .optional(),
  probe: z
    .object({ action: z.discriminatedUnion('type', [task, http]).optional(), timeoutMs: timeoutMs.optional() })
    .optional(),
  retry: retry.optional(),
  timeoutMs: timeoutMs.optional(),
  stepTimeoutMs: ms.max(366 * DAY_MS).optional(),
  leaseMs: z.number().int().min(1_000).max(600_000).optional(),
})

export const definition = z.object({
  name,
  description: z.string().max(4_000).optional(),
  inputSchema: json.optional(),
  steps: z
    .array(z.union([step, z.object({ parallel: z.array(step).min(1).max(SAGA_LIMITS.steps) })]))
    .min(1)
    .max(SAGA_LIMITS.steps),
  deadlineMs: ms.max(366 * DAY_MS).optional(),
  concurrency: z.number().int().min(1).max(100_000).optional(),
  retentionDays: z.number().int().min(1).max(3_650).optional(),
})

export const breakpoint = z.object({
  step: z.union([stepName, z.literal('*')]),
  at: z.enum(BREAKPOINT_AT),
  once: z.boolean().default(false),
})

export const attributes = z
  .record(z.string().min(1).max(64), z.string().max(256))
  .refine((value) => Object.keys(value).length <= 16, 'at most 16 attributes')

export const start = z.object({
  definition: name,
  version: z.number().int().positive().optional(),
  input: json.default(null),
  /** the same key again gives the same run */
  idempotencyKey: key.optional(),
  /** what it can be searched by */
  attributes: attributes.default({}),
  breakpoints: z.array(breakpoint).max(100).default([]),
  /** begins paused, before its first step */
  paused: z.boolean().default(false),
  deadlineMs: ms.max(366 * DAY_MS).optional(),
  /** W3C trace context: the run's steps go on with it */
  traceparent: z
    .string()
    .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/, 'a traceparent header of version 00')
    .optional(),
})

export const runFilter = z.object({
  definition: name.optional(),
  statuses: z.array(z.enum(RUN_STATUSES)).max(RUN_STATUSES.length).optional(),
  attributes: attributes.optional(),
  /** an id's beginning, an idempotency key, an attribute's value, part of a definition's name */
  q: z.string().max(200).optional(),
  startedFrom: z.number().int().nonnegative().optional(),
  startedTo: z.number().int().nonnegative().optional(),
  parentId: runId.optional(),
  redriveOf: runId.optional(),
  /** the id of the last run of the page before */
  before: runId.optional(),
  limit: z.number().int().min(1).max(500).default(100),
})

export const lease = z.object({
  runId,
  step: stepName,
  phase,
  fence: z.number().int().positive(),
})

export const claim = z.object({
  /** the same name after a reconnect keeps what it holds */
  worker: workerName,
  queue: name.default('default'),
  tasks: z.array(name).min(1).max(500),
  /** tasks it works on at once */
  capacity: z.number().int().min(1).max(1_000).default(10),
})

export const complete = lease.extend({ worker: workerName, output: json.default(null) })

export const fail = lease.extend({
  worker: workerName,
  error: z.object({
    code: z.string().min(1).max(100),
    message: z.string().max(4_000),
    /** kept with every attempt, in the history and in the lists */
    details: json.refine((value) => isShort(value, DETAILS_MAX), `at most ${DETAILS_MAX} characters`).optional(),
  }),
  /** `failed`: it certainly did not happen; `unknown`: it may have */
  outcome: z.enum(['failed', 'unknown']),
  retryable: z.boolean().default(true),
  retryAfterMs: z.number().int().min(0).max(DAY_MS).nullable().default(null),
})

/** Characters of JSON; a share, a count, a sentence. */
const PROGRESS_MAX = 1_000

export const beat = z.object({
  worker: workerName,
  leases: z
    .array(
      lease.extend({
        /** how far it is, shown with the run while the attempt lasts */
        progress: json.refine((value) => isShort(value, PROGRESS_MAX), `at most ${PROGRESS_MAX} characters`).optional(),
      }),
    )
    .max(1_000),
})
