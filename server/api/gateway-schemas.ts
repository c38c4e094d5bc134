/** Bounded shapes of the gateway's procedures. */
import { z } from 'zod'
import { FAULT_MS_MAX } from '../../core/gateway/fault.ts'
import { BALANCES, PATH_KINDS, STEPS_MAX } from '../../core/gateway/route.ts'
import { REFUSALS } from '../../core/gateway/view.ts'
import { LATENCY_PARTS, SPAN_LABELS } from '../../core/latency.ts'
import * as schemas from './schemas.ts'

const short = z.string().max(256)
const count = z.number().int().nonnegative().max(1e9)
const ms = z.number().nonnegative().max(1e9)

export const routeId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'small letters, digits and "-", such as "orders-api"')

const value = z.union([
  z.number(),
  z.boolean(),
  z.string().max(4_096),
  z.null(),
  z.array(z.string().max(4_096)).max(200),
  z.array(z.tuple([z.string().max(256), z.string().max(4_096)])).max(200),
])

export const routeSpec = z.object({
  id: routeId,
  description: short.default(''),
  enabled: z.boolean().default(true),
  priority: z.number().int().min(-1_000).max(1_000).default(0),
  match: z.object({
    hosts: z.array(short.toLowerCase()).max(50).default([]),
    path: z.object({ kind: z.enum(PATH_KINDS), value: z.string().min(1).max(1_000) }),
    methods: z.array(z.string().max(20).toUpperCase()).max(20).default([]),
    headers: z
      .array(
        z.object({
          name: z
            .string()
            .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/)
            .toLowerCase(),
          value: short.nullable(),
        }),
      )
      .max(10)
      .default([]),
  }),
  targets: z
    .array(
      z.object({
        service: schemas.name.nullable().default(null),
        addresses: z.array(short).max(50).default([]),
        weight: z.number().min(0).max(1_000_000).default(1),
      }),
    )
    .min(1)
    .max(20),
  balance: z
    .object({
      by: z.enum(BALANCES).default('least-load'),
      hashHeader: z.string().max(128).toLowerCase().default(''),
      zoneFirst: z.boolean().default(true),
    })
    .prefault({}),
  rewrite: z
    .object({
      path: z.string().max(1_000).nullable().default(null),
      host: z.enum(['client', 'upstream']).default('client'),
    })
    .prefault({}),
  middleware: z
    .array(z.object({ use: z.string().max(64), config: z.record(z.string().max(64), value).default({}) }))
    .max(STEPS_MAX),
})

const span = z.object({
  part: z.enum(LATENCY_PARTS),
  label: z.enum(SPAN_LABELS),
  startMs: z.number(),
  endMs: z.number(),
  attempt: count.optional(),
})
const cut = z.object({
  totalMs: ms,
  networkMs: ms,
  processingMs: ms,
  queueMs: ms,
  unattributedMs: ms,
  quality: z.enum(['measured', 'partial', 'estimated']),
  clamped: z.boolean(),
  firstByteMs: ms.nullable().default(null),
  streamMs: ms.default(0),
  spans: z.array(span).max(200).optional(),
})

const refusals = z.partialRecord(z.enum(REFUSALS), count)

const entry = z.object({
  id: z.string().max(128),
  traceId: z.string().max(64),
  at: z.number(),
  method: z.string().max(32),
  host: short,
  path: z.string().max(2_048),
  route: routeId.nullable(),
  service: z.string().max(260).nullable(),
  instance: z.string().max(260).nullable(),
  status: z.number().int().nullable(),
  refusal: z.enum(REFUSALS).nullable(),
  error: z.string().max(1_000).nullable(),
  attempts: count,
  bytesIn: z.number().nonnegative(),
  bytesOut: z.number().nonnegative(),
  client: z.string().max(64),
  cut,
  fault: z.boolean(),
})

const trace = entry.extend({
  steps: z
    .array(z.object({ name: z.string().max(64), startMs: z.number(), endMs: z.number(), did: z.string().max(500) }))
    .max(100),
  forwarded: z
    .object({
      method: z.string().max(32),
      path: z.string().max(16_384),
      headers: z.array(z.tuple([z.string().max(256), z.string().max(16_384)])).max(200),
      instance: z.string().max(260),
      address: z.string().max(260),
    })
    .nullable(),
})

const field = z.looseObject({ name: z.string().max(64), kind: z.string().max(16) })

export const report = z.object({
  instance: schemas.instanceId,
  worker: z.number().int().min(0).max(1_024),
  pid: z.number().int().nonnegative(),
  startedAt: z.number(),
  revision: z.number().int().nullable(),
  problems: z.array(z.object({ route: routeId, problem: z.string().max(500) })).max(500),
  connections: count,
  inFlight: count,
  memoryMB: ms,
  cpu: ms,
  traceKey: z.string().min(16).max(128),
  address: schemas.address,
  routes: z
    .array(
      z.object({
        /** empty: what no route took */
        id: z.union([routeId, z.literal('')]),
        requests: count,
        errors: count,
        byClass: z.tuple([count, count, count, count, count]),
        refusals,
        inFlight: count,
        retries: count,
      }),
    )
    .max(502),
  entries: z.array(entry).max(500),
  traces: z.array(z.object({ test: z.string().max(64), trace })).max(10),
  middleware: z
    .array(
      z.object({
        name: z.string().regex(/^[a-z0-9-]{1,64}$/),
        title: z.string().max(100),
        help: z.string().max(500),
        fields: z.array(field).max(50),
        repeatable: z.boolean().optional(),
        from: z.string().max(100).optional(),
      }),
    )
    .max(50),
})

export const newFault = z.object({
  target: z.union([
    z.object({ route: routeId }).strict(),
    z.object({ caller: schemas.name, callee: schemas.name }).strict(),
  ]),
  share: z.number().gt(0).max(1).default(1),
  delayMs: z.number().int().min(0).max(60_000).default(0),
  abortStatus: z.number().int().min(400).max(599).nullable().default(null),
  reason: schemas.reason,
  forMs: z.number().int().min(1_000).max(FAULT_MS_MAX).default(300_000),
})

export const logFilter = z.object({
  route: routeId.optional(),
  status: z.enum(['2', '3', '4', '5', 'none']).optional(),
  refusal: z.enum(REFUSALS).optional(),
  method: z.string().max(20).optional(),
  q: z.string().max(200).optional(),
  slowerThanMs: z.number().nonnegative().optional(),
})

export const tryRequest = z.object({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
  /** with its query */
  path: z.string().min(1).max(4_096).regex(/^\//, 'begins with "/"'),
  host: short.nullable().default(null),
  headers: z
    .array(z.tuple([z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/), z.string().max(4_096)]))
    .max(50)
    .default([]),
  body: z.string().max(262_144).nullable().default(null),
})
