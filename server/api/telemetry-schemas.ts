/** What instances report of their calls, bounded. Numbers of sketches are checked by the sketch itself, once. */
import { z } from 'zod'
import { ATTEMPTS_MAX, EXEMPLAR_REASONS, SPANS_MAX } from '../../core/exemplar.ts'
import { CUT_QUALITIES, SPAN_LABELS } from '../../core/latency.ts'
import * as schemas from './schemas.ts'

export const count = z.number().int().nonnegative().max(1e9)
const ms = z.number().nonnegative().max(1e12)
const SKETCH_MAX = 2_400

export const protocol = z.string().regex(/^[a-z][a-z0-9+-]{0,15}$/, 'a short word such as "http"')

/** `SketchWire` of latencies in milliseconds, from core/sketch.ts. */
const sketch = z.custom<number[]>(
  (value) => Array.isArray(value) && value.length <= SKETCH_MAX && value.every((n) => typeof n === 'number'),
  'a sketch: at most 2,400 numbers',
)

export const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'no control characters')

const cuts = z
  .object({
    kind: z.enum(['route', 'instance']),
    name: text(160),
    quality: z.enum(CUT_QUALITIES),
    count: count.min(1),
    errors: count,
    clamped: count,
    /** network, processing, queue, unattributed */
    sumsMs: z.array(ms).length(4),
    total: sketch,
    parts: z.array(sketch).length(4).nullable(),
  })
  .refine((c) => c.errors <= c.count && c.clamped <= c.count, 'errors and clamped must not exceed count')

export const edge = z
  .object({
    callee: schemas.name,
    protocol,
    count,
    errors: count,
    sketch: sketch.nullable(),
    sumMs: ms.optional(),
    inFlight: z.object({ mean: ms, max: ms }).optional(),
    cuts: z.array(cuts).max(200).optional(),
  })
  .refine((e) => e.errors <= e.count, 'errors must not exceed count')

export const traceId = z.string().regex(/^[0-9a-f]{32}$/, '32 hexadecimal digits')

export const exemplar = z.object({
  id: text(80).min(1),
  traceId,
  parentId: text(80).nullable(),
  at: z.number().int().nonnegative().max(1e14),
  callee: schemas.name,
  protocol,
  route: text(160).nullable(),
  method: text(20),
  path: text(200),
  status: z.number().int().min(0).max(999).nullable(),
  error: text(200).nullable(),
  failed: z.boolean(),
  why: z.enum(EXEMPLAR_REASONS),
  cut: z.object({
    totalMs: ms,
    networkMs: ms,
    processingMs: ms,
    queueMs: ms,
    unattributedMs: ms,
    quality: z.enum(CUT_QUALITIES),
    clamped: z.boolean(),
    firstByteMs: ms.nullable(),
    streamMs: ms,
  }),
  spans: z
    .array(
      z.object({
        label: z.enum(SPAN_LABELS),
        startMs: ms,
        endMs: ms,
        attempt: z.number().int().min(0).max(1_000).optional(),
      }),
    )
    .max(SPANS_MAX),
  attempts: z
    .array(
      z.object({
        instance: text(160).nullable(),
        status: z.number().int().min(0).max(999).nullable(),
        startMs: ms,
        endMs: ms,
      }),
    )
    .max(ATTEMPTS_MAX),
})

const moment = z.number().int().nonnegative().max(1e14)

export const period = z
  .object({ fromMs: moment, toMs: moment })
  .refine((p) => p.toMs > p.fromMs, 'toMs must be after fromMs')

export const latencyScope = z
  .object({
    caller: schemas.name.optional(),
    callee: schemas.name.optional(),
    protocol: protocol.optional(),
    route: text(160).optional(),
    instance: text(160).optional(),
  })
  .refine((s) => s.route === undefined || s.instance === undefined, 'give a route or an instance, not both')

export const exemplarFilter = z
  .object({
    from: moment.optional(),
    to: moment.optional(),
    caller: schemas.name.optional(),
    callee: schemas.name.optional(),
    route: text(160).optional(),
    failed: z.boolean().optional(),
    totalMinMs: ms.optional(),
    totalBelowMs: ms.optional(),
    order: z.enum(['newest', 'slowest']).default('newest'),
    limit: z.number().int().min(1).max(200).default(50),
  })
  .strict()
