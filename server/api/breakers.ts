import { tracked } from '@trpc/server'
import { z } from 'zod'
import { BREAKER_STATES } from '../../core/breaker.ts'
import { OVERRIDE_MODES } from '../../core/breaker-override.ts'
import { ValidationError } from '../../core/errors.ts'
import type { Tx } from '../../db/store.ts'
import type { BreakerSettingsChange } from '../breakers/change.ts'
import {
  type Acted,
  clearOverride,
  configureBreaker,
  overrideBreaker,
  resetBreaker,
  tripBreaker,
  undoOf,
} from '../breakers/change.ts'
import { newRecord } from '../breakers/fleet-breaker.ts'
import { listBreakers } from '../breakers/list.ts'
import { timelines } from '../breakers/timeline.ts'
import type { Principal } from '../principal.ts'
import { execute } from '../transact.ts'
import { breakerName, callerName, changes, expectedVersion, target } from './breaker-schemas.ts'
import { report, watch } from './breakers-direct.ts'
import type { Context } from './context.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'
import { command } from './streams.ts'
import { allow, router } from './trpc.ts'

const reader = allow('viewer', 'breakers:read')
const caller = allow('admin', 'breakers:write')
const operator = allow('operator', null)

const act = { name: breakerName, reason: schemas.reason, expectedVersion }

/** Runs an operator's act and answers with the breaker as it then is, and how to take the act back. */
async function perform(
  ctx: Context & { principal: Principal },
  procedure: string,
  input: { id?: string | undefined; data: { name: string } },
  verb: (tx: Tx) => Promise<Acted>,
) {
  const { store, breakers } = ctx.engines
  const { name } = input.data
  const executed = await execute(store, command(ctx, procedure, input), async (tx) => {
    const acted = await verb(tx)
    return { seq: acted.seq, version: acted.after.version, undo: undoOf(acted) }
  })
  return { breaker: breakers.view(name), ...executed.result, replayed: executed.replayed }
}

export const breakersRouter = router({
  list: reader
    .input(
      operation(
        z
          .object({
            q: z.string().max(160).optional(),
            service: schemas.name.optional(),
            effective: z.enum(BREAKER_STATES).optional(),
            overridden: z.boolean().optional(),
            /** name of the last breaker of the page before */
            after: z.string().max(320).optional(),
            limit: z.number().int().min(1).max(500).default(200),
          })
          .prefault({}),
      ),
    )
    .query(async ({ ctx, input }) => {
      const fresh = await ctx.engines.registry.freshness(input.consistencyLevel ?? 'eventual')
      return { ...listBreakers(ctx.engines.breakers, input.data), now: ctx.engines.clock.wall(), ...fresh }
    }),

  /** Everything about one breaker; `figures` and `callers` say what an act on it would do. */
  get: reader.input(operation(z.object({ name: breakerName }))).query(async ({ ctx, input }) => {
    const fresh = await ctx.engines.registry.freshness(input.consistencyLevel ?? 'eventual')
    return { breaker: ctx.engines.breakers.view(input.data.name), now: ctx.engines.clock.wall(), ...fresh }
  }),

  /** Sets values over those in the code of callers, live; `"inherit"` takes one back. */
  configure: operator
    .input(operation(z.object({ ...act, ...target, settings: changes.prefault({}) })))
    .mutation(({ ctx, input }) =>
      perform(ctx, 'breakers.configure', input, (tx) => {
        const { name, service, instance, settings, ...rest } = input.data
        const fresh = ctx.engines.breakers.fresh(name)
        const orNew = newRecord(name, tx.now, { service: service ?? null, instance: instance ?? null })
        ctx.engines.breakers.assertRoom(name)
        return configureBreaker(tx, {
          ...rest,
          name,
          fresh,
          orNew,
          settings: settings as BreakerSettingsChange,
          target: { service, instance },
        })
      }),
    ),

  report: allow(report.access.role, report.access.scope)
    .input(report.input)
    .mutation(({ ctx, input }) => report.run(ctx, input)),

  /** Permits for probes while it is half-open: as many of `want` as the fleet still may. */
  acquireProbe: caller
    .input(
      operation(
        z.object({ name: breakerName, caller: callerName, want: z.number().int().min(1).max(1_000).default(1) }),
      ),
    )
    .mutation(({ ctx, input }) => {
      const { name, caller: holder, want } = input.data
      return ctx.engines.breakers.acquireProbe(name, holder, want)
    }),

  /** Returns a permit with what became of its probe. */
  releaseProbe: caller
    .input(
      operation(
        z.object({
          name: breakerName,
          caller: callerName,
          permit: z.string().min(1).max(64),
          generation: z.number().int().positive(),
          /** `ignored`: the probe says nothing, and the permit may be given to another */
          outcome: z.enum(['success', 'failure', 'ignored']),
        }),
      ),
    )
    .mutation(({ ctx, input }) => {
      const { name, caller: holder, permit, generation, outcome } = input.data
      return ctx.engines.breakers.releaseProbe(name, holder, { id: permit, generation, outcome })
    }),

  /** Opens it now; from there it goes on by itself: open for its time, half-open, closed or open. */
  trip: operator.input(operation(z.object(act))).mutation(({ ctx, input }) =>
    perform(ctx, 'breakers.trip', input, (tx) => {
      const { breakers } = ctx.engines
      return tripBreaker(tx, { ...input.data, ...breakers.known(input.data.name), random: breakers.random })
    }),
  ),

  /** Closes it now and forgets what callers saw. */
  reset: operator
    .input(operation(z.object(act)))
    .mutation(({ ctx, input }) =>
      perform(ctx, 'breakers.reset', input, (tx) =>
        resetBreaker(tx, { ...input.data, ...ctx.engines.breakers.known(input.data.name) }),
      ),
    ),

  /** Lays an operator's word over the automatic state, until it is lifted or runs out. */
  override: operator
    .input(operation(z.object({ ...act, mode: z.enum(OVERRIDE_MODES), forMs: schemas.forMs.default(null) })))
    .mutation(({ ctx, input }) =>
      perform(ctx, 'breakers.override', input, (tx) => {
        const { name } = input.data
        ctx.engines.breakers.assertRoom(name)
        const orNew = newRecord(name, tx.now, { service: null, instance: null })
        return overrideBreaker(tx, { ...input.data, fresh: ctx.engines.breakers.fresh(name), orNew })
      }),
    ),

  clearOverride: operator
    .input(operation(z.object(act)))
    .mutation(({ ctx, input }) =>
      perform(ctx, 'breakers.clearOverride', input, (tx) =>
        clearOverride(tx, { ...input.data, ...ctx.engines.breakers.known(input.data.name) }),
      ),
    ),

  /** The states of breakers over a stretch of time, with what was done to them. */
  timeline: reader
    .input(
      operation(
        z.object({
          names: z.array(breakerName).min(1).max(200),
          fromMs: z.number().int().nonnegative(),
          toMs: z.number().int().nonnegative().optional(),
        }),
      ),
    )
    .query(async ({ ctx, input }) => {
      const { store, clock } = ctx.engines
      const { names, fromMs } = input.data
      const to = input.data.toMs ?? clock.wall()
      if (to <= fromMs) throw new ValidationError('toMs must be after fromMs.')
      return { timelines: await timelines(store, names, fromMs, to), from: fromMs, to, now: clock.wall() }
    }),

  watch: allow(watch.access.role, watch.access.scope)
    .input(watch.input)
    .subscription(async function* ({ ctx, input, signal }) {
      const messages = watch.stream(ctx, input, signal ?? new AbortController().signal)
      for await (const message of messages) yield tracked(watch.cursor(message), message)
    }),
})
