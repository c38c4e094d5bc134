import { z } from 'zod'
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../core/errors.ts'
import { Sketch } from '../../core/sketch.ts'
import { TRACE_ROWS_MAX } from '../telemetry/keep.ts'
import { operation, subscription } from './operation.ts'
import * as schemas from './schemas.ts'
import { bounded } from './streams.ts'
import { edge, exemplar, exemplarFilter, latencyScope, period, traceId } from './telemetry-schemas.ts'
import { allow, router } from './trpc.ts'

/** Sketches of a whole report at most, so that one message holds up nobody else. */
const CUTS_MAX = 400

export const telemetryRouter = router({
  /** What an instance saw of its calls since its last report. At most once: a lost report is not sent again. */
  report: allow('admin', 'telemetry:write')
    .input(
      operation(
        z.object({
          instanceId: schemas.instanceId,
          generation: z.number().int().positive(),
          intervalMs: z.number().int().min(100).max(60_000),
          edges: z.array(edge).max(200),
          exemplars: z.array(exemplar).max(40).optional(),
        }),
      ),
    )
    .mutation(({ ctx, input }) => {
      const { registry, telemetry } = ctx.engines
      const { instanceId, generation, edges, intervalMs, exemplars = [] } = input.data
      const instance = registry.snapshot.instances.get(instanceId)
      if (!instance) throw new NotFoundError(`"${instanceId}" is not registered, so its calls cannot be placed.`)
      if (instance.owner !== ctx.principal.actor && ctx.principal.role === null) {
        throw new ForbiddenError(`"${instanceId}" belongs to ${instance.owner}.`)
      }
      if (instance.generation !== generation) {
        throw new ConflictError(`"${instanceId}" is at generation ${instance.generation}, not ${generation}.`)
      }
      if (edges.reduce((sum, e) => sum + (e.cuts?.length ?? 0), 0) > CUTS_MAX) {
        throw new ValidationError(`A report carries at most ${CUTS_MAX} groups of cuts.`)
      }
      const reports = edges.map((e, i) => ({
        ...e,
        sketch: e.sketch === null ? null : sketchOf(e.sketch, `edges.${i}.sketch`),
        cuts: e.cuts?.map((cut, k) => ({
          ...cut,
          total: sketchOf(cut.total, `edges.${i}.cuts.${k}.total`),
          parts: cut.parts?.map((part) => sketchOf(part, `edges.${i}.cuts.${k}.parts`)) ?? null,
        })),
      }))
      const rejected = telemetry.report(instance.service, instanceId, reports, { intervalMs, exemplars })
      const traces = telemetry.keep.wanted(instanceId, ctx.engines.clock.monotonic())
      return { accepted: edges.length - rejected, rejected, traces }
    }),

  /** Services and the calls between them, over the live window. */
  topology: allow('viewer', 'registry:read')
    .input(operation(z.object({}).default({})))
    .query(async ({ ctx, input }) => {
      const { live, registry, clock } = ctx.engines
      const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
      return { services: [...registry.views.all()], edges: live.edges(), now: clock.wall(), ...fresh }
    }),

  /** Calls over time; at most 1,000 points, from the finest step that reaches back far enough. */
  history: allow('viewer', 'registry:read')
    .input(
      operation(
        z
          .object({
            caller: schemas.name.optional(),
            callee: schemas.name.optional(),
            fromMs: z.number().int().nonnegative(),
            toMs: z.number().int().nonnegative(),
          })
          .refine((h) => h.toMs > h.fromMs, 'toMs must be after fromMs'),
      ),
    )
    .query(async ({ ctx, input }) => {
      const fresh = await ctx.engines.registry.freshness(input.consistencyLevel ?? 'eventual')
      return { points: await ctx.engines.telemetry.history(input.data), ...fresh }
    }),

  /**
   * Where the time of requests went over a period, and over another one to compare with. At most 360 points, from the finest
   * step that reaches back far enough. Parts are given for each quality by itself.
   */
  latency: allow('viewer', 'registry:read')
    .input(operation(z.object({ scope: latencyScope.default({}), period, compare: period.optional() })))
    .query(async ({ ctx, input }) => {
      const { scope, period, compare } = input.data
      const { latency, clock } = ctx.engines
      return {
        period: await latency.period(scope, period.fromMs, period.toMs),
        compare: compare ? await latency.period(scope, compare.fromMs, compare.toMs) : null,
        names: await latency.names(period.fromMs, period.toMs),
        now: clock.wall(),
      }
    }),

  /** Requests kept whole: by time, edge, route and length, or all of one trace. */
  exemplars: allow('viewer', 'registry:read')
    .input(operation(z.union([z.object({ traceId }).strict(), exemplarFilter])))
    .query(async ({ ctx, input }) => {
      const { store, clock } = ctx.engines
      const { data } = input
      const exemplars = await store.read((tx) =>
        'traceId' in data ? tx.q.latency.trace(data.traceId, TRACE_ROWS_MAX) : tx.q.latency.exemplars(data),
      )
      return { exemplars, now: clock.wall() }
    }),

  /** How full each instance is, by U = λ·S/c; which gives way first, and where on each path of the topology. */
  bottlenecks: allow('viewer', 'registry:read')
    .input(operation(z.object({}).default({})))
    .query(({ ctx }) => {
      const { bottlenecks, clock } = ctx.engines
      return bottlenecks.report(clock.monotonic(), clock.wall())
    }),

  /** The one stream of a browser tab: a full frame, then what changed. */
  live: allow('viewer', 'journal:read')
    .input(subscription(z.object({}).default({})))
    .subscription(async function* ({ ctx, signal }) {
      using _slot = bounded(ctx)
      const { flow } = ctx
      yield* ctx.engines.live.stream({
        signal: signal ?? new AbortController().signal,
        ready: flow ? () => flow.ready() : undefined,
      })
    }),
})

function sketchOf(wire: number[], path: string): Sketch {
  const sketch = Sketch.fromWire(wire)
  if (!sketch) throw new ValidationError(`${path} is not a sketch.`)
  return sketch
}
