/** The gateway: its routes and their history, faults made on purpose, the live log, a try, and what workers need. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { ConflictError, ForbiddenError, NotFoundError } from '../../core/errors.ts'
import { BUILT_IN_MIDDLEWARE, DEFAULT_CHAIN } from '../../core/gateway/catalog.ts'
import { checkRoute } from '../../core/gateway/check-route.ts'
import type { RouteSpec } from '../../core/gateway/route.ts'
import { putRoute, removeRoute, rollBack, told } from '../gateway/change.ts'
import { endFault, inject } from '../gateway/faults.ts'
import { revisionsOf } from '../gateway/revisions.ts'
import type { WorkerReport } from '../gateway.ts'
import type { HttpResponse } from '../outbound.ts'
import { execute } from '../transact.ts'
import { logFilter, newFault, report, routeId, routeSpec, tryRequest } from './gateway-schemas.ts'
import { operation, subscription } from './operation.ts'
import * as schemas from './schemas.ts'
import { bounded, command } from './streams.ts'
import { allow, router } from './trpc.ts'

const reader = allow('viewer', 'gateway:read')
const writer = allow('operator', 'gateway:write')
/** Workers of the gateway. */
const worker = allow('admin', 'gateway:serve')
const revision = z.number().int().nonnegative()
const TRY_WITHIN_MS = 30_000
/** RFC 9110, section 9.2.1. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
/** of an answer, shown to whoever tried */
const SHOWN_MAX = 65_536

export const gatewayRouter = router({
  routes: router({
    /** Configured and observed, apart; with the revision that holds and the workers that run by it. */
    list: reader.input(operation(z.object({}).default({}))).query(async ({ ctx, input }) => {
      const { gateway, registry } = ctx.engines
      const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
      await gateway.settled()
      return {
        routes: gateway.routes(),
        revision: gateway.revision,
        workers: gateway.workers(),
        url: gateway.url,
        faults: [...gateway.faults],
        ...fresh,
      }
    }),

    get: reader.input(operation(z.object({ id: routeId }))).query(async ({ ctx, input }) => {
      const { gateway, registry } = ctx.engines
      const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
      await gateway.settled()
      const view = gateway.route(input.data.id)
      if (!view) throw new NotFoundError(`There is no route "${input.data.id}".`)
      return { ...view, ...fresh }
    }),

    /** Sets a route, whole. `dryRun` only checks it: what would be refused is refused, nothing is changed. */
    put: writer
      .input(
        operation(
          z.object({
            route: routeSpec,
            reason: schemas.reason,
            expectedRevision: revision,
            dryRun: z.boolean().default(false),
          }),
        ),
      )
      .mutation(async ({ ctx, input }) => {
        const { gateway, store } = ctx.engines
        const { dryRun, route, ...rest } = input.data
        const spec = route as RouteSpec
        if (dryRun) {
          const others = gateway.routes().flatMap((view) => (view.route.id === spec.id ? [] : [view.route]))
          return {
            route: told(checkRoute(spec, others, gateway.middleware)),
            seq: 0,
            revision: gateway.revision,
            replayed: false,
          }
        }
        const executed = await execute(store, command(ctx, 'gateway.routes.put', input), async (tx) => {
          const put = await putRoute(tx, { ...rest, route: spec }, gateway.middleware)
          return { route: told(put), seq: await tx.head(), revision: put.revision }
        })
        await gateway.settled()
        return { ...executed.result, replayed: executed.replayed }
      }),

    remove: writer
      .input(operation(z.object({ id: routeId, reason: schemas.reason, expectedRevision: revision })))
      .mutation(async ({ ctx, input }) => {
        const { gateway, store } = ctx.engines
        const executed = await execute(store, command(ctx, 'gateway.routes.remove', input), async (tx) => {
          const removed = await removeRoute(tx, input.data)
          return { removed: told(removed), seq: await tx.head() }
        })
        await gateway.settled()
        return { ...executed.result, replayed: executed.replayed }
      }),
  }),

  /** The newest changes first: who, why, and every route before and after. */
  revisions: reader
    .input(
      operation(
        z.object({ before: revision.nullable().default(null), limit: z.number().int().min(1).max(100).default(30) }),
      ),
    )
    .query(async ({ ctx, input }) => {
      const { before, limit } = input.data
      const fresh = await ctx.engines.registry.freshness(input.consistencyLevel ?? 'eventual')
      const revisions = await ctx.engines.store.read((tx) => revisionsOf(tx, before, limit))
      return { revisions, next: revisions.length === limit ? (revisions.at(-1)?.revision ?? null) : null, ...fresh }
    }),

  /** Makes the configuration what it was at a revision, as a new one. */
  rollBack: writer
    .input(operation(z.object({ to: revision, reason: schemas.reason, expectedRevision: revision })))
    .mutation(async ({ ctx, input }) => {
      const { gateway, store } = ctx.engines
      const executed = await execute(store, command(ctx, 'gateway.rollBack', input), async (tx) => ({
        ...(await rollBack(tx, input.data, gateway.middleware)),
        seq: await tx.head(),
      }))
      await gateway.settled()
      return { ...executed.result, replayed: executed.replayed }
    }),

  middleware: router({
    /** What a chain can be made of, each with the fields of its form. */
    catalog: reader.input(operation(z.object({}).default({}))).query(({ ctx }) => ({
      middleware: [...BUILT_IN_MIDDLEWARE, ...ctx.engines.gateway.middleware],
      defaultChain: [...DEFAULT_CHAIN],
    })),
  }),

  /** Sends a request through a worker of the gateway and tells what happened to it at each step. */
  test: allow('operator', 'gateway:write')
    .input(operation(tryRequest))
    .mutation(async ({ ctx, input }) => {
      const { gateway, outbound, store } = ctx.engines
      const { method, path, host, headers, body } = input.data
      const door = gateway.door()
      // What may change something is kept, and not sent twice when its answer was lost.
      if (!SAFE.has(method)) {
        const { replayed } = await execute(store, command(ctx, 'gateway.test', input), async (tx) => {
          const after = { method, path: path.split('?', 1)[0], host }
          await tx.audit({ action: 'gateway.test', target: 'gateway', reason: null, before: null, after, seq: null })
          return {}
        })
        if (replayed) throw new ConflictError('This request was sent already; it is not sent a second time.')
      }
      const test = randomUUID()
      const tracing = gateway.traced(test, TRY_WITHIN_MS + 3_000)
      tracing.catch(() => undefined)
      const sent = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
      const response = await outbound.http({
        method,
        url: `http://${door.address}${path}`,
        headers: {
          ...sent,
          'holdfast-try': `${door.traceKey}.${test}`,
          ...(host ? { 'holdfast-try-host': host } : {}),
        },
        ...(body === null ? {} : { body }),
        timeoutMs: TRY_WITHIN_MS,
        maxBytes: SHOWN_MAX,
      })
      return { trace: await tracing, response: answered(response) }
    }),

  /** The newest requests of the live log. */
  requests: reader
    .input(operation(logFilter.extend({ limit: z.number().int().min(1).max(500).default(100) })))
    .query(({ ctx, input }) => {
      const { limit, ...filter } = input.data
      return { entries: ctx.engines.gateway.log.newest(filter, limit), now: ctx.engines.clock.wall() }
    }),

  /** Requests as they come, a few times a second. */
  watchRequests: reader.input(subscription(logFilter.default({}))).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    using _slot = bounded(ctx)
    const { flow, engines } = ctx
    yield* engines.gateway.log.watch(input.data, {
      signal: signal ?? new AbortController().signal,
      ready: flow ? () => flow.ready() : undefined,
    })
  }),

  faults: router({
    list: reader.input(operation(z.object({}).default({}))).query(async ({ ctx }) => {
      await ctx.engines.gateway.settled()
      return { faults: [...ctx.engines.gateway.faults], now: ctx.engines.clock.wall() }
    }),

    /** Makes requests of a route, or calls of one service to another, slow or fail on purpose, until a time. */
    start: writer.input(operation(newFault)).mutation(async ({ ctx, input }) => {
      const executed = await execute(ctx.engines.store, command(ctx, 'gateway.faults.start', input), async (tx) => {
        const fault = await inject(tx, input.data)
        return { fault, seq: await tx.head() }
      })
      await ctx.engines.gateway.settled()
      return { ...executed.result, replayed: executed.replayed }
    }),

    end: writer
      .input(operation(z.object({ id: z.string().max(64), reason: schemas.reason })))
      .mutation(async ({ ctx, input }) => {
        const executed = await execute(ctx.engines.store, command(ctx, 'gateway.faults.end', input), async (tx) => {
          const fault = await endFault(tx, input.data.id, input.data.reason)
          return { fault, seq: await tx.head() }
        })
        await ctx.engines.gateway.settled()
        return { ...executed.result, replayed: executed.replayed }
      }),

    /** Faults on the calls that a service makes, for that service. */
    watch: allow('viewer', 'registry:read')
      .input(subscription(z.object({ service: schemas.name })))
      .subscription(async function* ({ ctx, input, signal }) {
        using _slot = bounded(ctx)
        const { flow, engines } = ctx
        yield* engines.gateway.followFaults(input.data.service, {
          signal: signal ?? new AbortController().signal,
          ready: flow ? () => flow.ready() : undefined,
        })
      }),
  }),

  /** What workers run by, whole, each time it changes. */
  watch: worker.input(subscription(z.object({}).default({}))).subscription(async function* ({ ctx, signal }) {
    using _slot = bounded(ctx)
    const { flow, engines } = ctx
    yield* engines.gateway.follow({
      signal: signal ?? new AbortController().signal,
      ready: flow ? () => flow.ready() : undefined,
    })
  }),

  /** What a worker has seen since its last report. At most once: a lost report is not sent again. */
  report: worker.input(operation(report)).mutation(({ ctx, input }) => {
    const { registry, gateway } = ctx.engines
    const instance = registry.snapshot.instances.get(input.data.instance)
    if (instance && instance.owner !== ctx.principal.actor && ctx.principal.role === null) {
      throw new ForbiddenError(`"${input.data.instance}" belongs to ${instance.owner}.`)
    }
    gateway.report(input.data as unknown as WorkerReport)
    return { revision: gateway.revision }
  }),
})

function answered({ status, headers, body, truncated }: HttpResponse) {
  return { status, headers: Object.entries(headers), body: body.toString('utf8'), bytes: body.length, truncated }
}
