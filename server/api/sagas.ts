import { tracked } from '@trpc/server'
import { z } from 'zod'
import { NotFoundError } from '../../core/errors.ts'
import { stepOf } from '../../core/saga/graph.ts'
import type { Operation } from '../../core/saga/operate.ts'
import { normalise } from '../../core/saga/validate.ts'
import type { Tx } from '../../db/store.ts'
import type { Principal } from '../principal.ts'
import { define } from '../sagas/define.ts'
import { nextTime } from '../sagas/schedules.ts'
import { redriveRun } from '../sagas/start.ts'
import { execute } from '../transact.ts'
import type { Context } from './context.ts'
import { operation, subscription } from './operation.ts'
import * as shapes from './saga-schemas.ts'
import * as live from './sagas-direct.ts'
import * as schemas from './schemas.ts'
import { bounded, command } from './streams.ts'
import { allow, router } from './trpc.ts'

const reader = allow('viewer', 'sagas:read')
const operator = allow('operator', null)

type Signed = Context & { principal: Principal }

/** A write in one idempotent transaction. */
async function write<T extends object>(
  ctx: Signed,
  procedure: string,
  input: { id?: string | undefined; data: unknown },
  verb: (tx: Tx) => Promise<T>,
): Promise<T & { replayed: boolean }> {
  const executed = await execute(ctx.engines.store, command(ctx, procedure, input), verb)
  return { ...executed.result, replayed: executed.replayed }
}

/** What every act on a run takes: why, and optionally what the operator was looking at. */
const act = { runId: shapes.runId, reason: schemas.reason, expectedSeq: z.number().int().positive().optional() }
type Act = { runId: string; reason: string; expectedSeq?: number | undefined }

function operate<T extends z.ZodRawShape>(
  procedure: string,
  shape: T,
  make: (data: z.output<z.ZodObject<T>>) => Operation,
) {
  return operator.input(operation(z.object({ ...act, ...shape }))).mutation(async ({ ctx, input }) => {
    const { runId, reason, expectedSeq } = input.data as unknown as Act
    return write(ctx, `sagas.${procedure}`, input, async (tx) => {
      const operation = make(input.data as z.output<z.ZodObject<T>>)
      const state = await ctx.engines.sagas.operate(tx, runId, operation, reason, expectedSeq)
      return { runId, status: state.status, direction: state.direction, seq: state.seq }
    })
  })
}

const onStep = { step: shapes.stepName }

export const sagasRouter = router({
  // ---- definitions ----

  /** Adds a version; the same definition again adds none. */
  define: allow('operator', 'sagas:write')
    .input(operation(z.object({ definition: shapes.definition })))
    .mutation(({ ctx, input }) =>
      write(ctx, 'sagas.define', input, async (tx) => {
        const defined = await define(tx, input.data.definition)
        if (defined.created && ctx.principal.role !== null) {
          const target = `saga-definition/${defined.name}`
          await tx.audit({ action: 'saga.define', target, reason: null, before: null, after: defined })
        }
        return defined
      }),
    ),

  /** Checks a definition without keeping it. */
  validate: reader
    .input(operation(z.object({ definition: shapes.definition })))
    .query(({ input }) => normalise(input.data.definition)),

  definitions: reader.input(operation(z.object({}))).query(({ ctx }) => ctx.engines.sagas.reads.definitions()),

  /** One definition: a version (default: the newest) and the list of all. */
  definition: reader
    .input(operation(z.object({ name: schemas.name, version: z.number().int().positive().optional() })))
    .query(({ ctx, input }) => ctx.engines.sagas.reads.definition(input.data.name, input.data.version)),

  /** Where all later runs of a definition stop. */
  setDefinitionBreakpoints: operator
    .input(
      operation(
        z.object({ name: schemas.name, breakpoints: z.array(shapes.breakpoint).max(100), reason: schemas.reason }),
      ),
    )
    .mutation(({ ctx, input }) =>
      write(ctx, 'sagas.setDefinitionBreakpoints', input, async (tx) => {
        const { name, breakpoints, reason } = input.data
        const head = await tx.q.sagas.head(name)
        if (!head) throw new NotFoundError(`There is no saga "${name}".`)
        const definition = await ctx.engines.sagas.engine.book.definition(tx, name, head.latest)
        for (const { step } of breakpoints) {
          if (step !== '*' && !stepOf(definition, step)) throw new NotFoundError(`"${name}" has no step "${step}".`)
        }
        await tx.q.sagas.putHead({ ...head, breakpoints })
        await tx.emit({
          kind: 'saga.breakpoints',
          key: `saga-definition/${name}`,
          service: null,
          summary: `${name} stops at ${breakpoints.length} breakpoints: ${reason}`,
          value: { name, latest: head.latest, steps: definition.steps.map((s) => s.name), breakpoints },
        })
        const target = `saga-definition/${name}`
        const before = { breakpoints: head.breakpoints }
        await tx.audit({ action: 'saga.setDefinitionBreakpoints', target, reason, before, after: { breakpoints } })
        return { name, breakpoints }
      }),
    ),

  // ---- runs ----

  start: allow(live.start.access.role, live.start.access.scope)
    .input(live.start.input)
    .mutation(({ ctx, input }) => live.start.run(ctx, input)),

  /** Runs, newest first; `next` is the `before` of the following page. `counts`: by status, of the definition asked for. */
  list: reader.input(operation(shapes.runFilter)).query(({ ctx, input }) => ctx.engines.sagas.reads.list(input.data)),

  /** Runs that wait for a person, oldest first. */
  parked: reader
    .input(
      operation(
        z.object({
          after: z.object({ since: z.number().int(), id: shapes.runId }).optional(),
          limit: schemas.pageLimit,
        }),
      ),
    )
    .query(({ ctx, input }) => ctx.engines.sagas.reads.parked(input.data.after ?? null, input.data.limit)),

  get: reader
    .input(operation(z.object({ runId: shapes.runId })))
    .query(({ ctx, input }) => ctx.engines.sagas.reads.get(input.data.runId)),

  result: allow(live.result.access.role, live.result.access.scope)
    .input(live.result.input)
    .query(({ ctx, input }) => live.result.run(ctx, input)),

  /** The run's history, oldest first; `next` is the `after` of the following page. */
  history: reader
    .input(
      operation(
        z.object({
          runId: shapes.runId,
          after: z.number().int().nonnegative().default(0),
          limit: z.number().int().min(1).max(10_000).default(1_000),
        }),
      ),
    )
    .query(({ ctx, input }) => ctx.engines.sagas.reads.history(input.data.runId, input.data.after, input.data.limit)),

  /** The run as it is, then its history's new entries with what the run has become. */
  watch: reader.input(subscription(z.object({ runId: shapes.runId }))).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    using _slot = bounded(ctx)
    const cursor = input.lastEventId === undefined ? null : Number(input.lastEventId)
    const { flow } = ctx
    const messages = ctx.engines.sagas.reads.watch(input.data.runId, {
      cursor: cursor !== null && Number.isSafeInteger(cursor) && cursor > 0 ? cursor : null,
      signal: signal ?? new AbortController().signal,
      ready: flow ? () => flow.ready() : undefined,
    })
    for await (const message of messages) yield tracked(String(message.seq), message)
  }),

  /** Runs as they change, with the counts by status, at most four times a second. */
  live: reader
    .input(subscription(z.object({ definition: schemas.name.optional() }).default({})))
    .subscription(async function* ({ ctx, input, signal }) {
      using _slot = bounded(ctx)
      const { flow } = ctx
      yield* ctx.engines.sagas.live.stream({
        definition: input.data.definition,
        signal: signal ?? new AbortController().signal,
        ready: flow ? () => flow.ready() : undefined,
      })
    }),

  /** What would be undone if it failed now, and what a step over would let go on. */
  plan: reader
    .input(operation(z.object({ runId: shapes.runId })))
    .query(({ ctx, input }) => ctx.engines.sagas.reads.plan(input.data.runId)),

  counts: reader
    .input(operation(z.object({ definition: schemas.name.optional() })))
    .query(({ ctx, input }) => ctx.engines.sagas.reads.counts(input.data.definition)),

  // ---- workers ----

  claim: allow(live.claim.access.role, live.claim.access.scope)
    .input(live.claim.input)
    .subscription(async function* ({ ctx, input, signal }) {
      const messages = live.claim.stream(ctx, input, signal ?? new AbortController().signal)
      for await (const message of messages) yield tracked(live.claim.cursor(message), message)
    }),
  heartbeat: allow(live.heartbeat.access.role, live.heartbeat.access.scope)
    .input(live.heartbeat.input)
    .mutation(({ ctx, input }) => live.heartbeat.run(ctx, input)),
  complete: allow(live.complete.access.role, live.complete.access.scope)
    .input(live.complete.input)
    .mutation(({ ctx, input }) => live.complete.run(ctx, input)),
  fail: allow(live.fail.access.role, live.fail.access.scope)
    .input(live.fail.input)
    .mutation(({ ctx, input }) => live.fail.run(ctx, input)),

  // ---- the debugger ----

  pause: operate('pause', {}, () => ({ type: 'pause' })),
  resume: operate('resume', {}, () => ({ type: 'resume' })),
  /** Lets one lane go on in a paused run. */
  step: operate('step', { step: shapes.stepName.optional(), phase: shapes.phase.optional() }, ({ step, phase }) => ({
    type: 'step',
    step,
    phase,
  })),
  /** Goes on; with `until`, up to just before that step. */
  continue: operate('continue', { until: shapes.stepName.optional() }, ({ until }) => ({ type: 'continue', until })),
  setBreakpoint: operate('setBreakpoint', shapes.breakpoint.shape, ({ step, at, once }) => ({
    type: 'setBreakpoint',
    step,
    at,
    once,
  })),
  clearBreakpoint: operate(
    'clearBreakpoint',
    { step: shapes.breakpoint.shape.step, at: shapes.breakpoint.shape.at },
    ({ step, at }) => ({ type: 'clearBreakpoint', step, at }),
  ),
  retryStep: operate(
    'retryStep',
    { ...onStep, phase: shapes.lanePhase.default('do'), newKey: z.boolean().default(false) },
    ({ step, phase, newKey }) => ({ type: 'retryStep', step, phase, newKey }),
  ),
  /** Goes on as if the step were done, with this output. */
  skipStep: operate('skipStep', { ...onStep, output: shapes.json.default(null) }, ({ step, output }) => ({
    type: 'skipStep',
    step,
    output,
  })),
  editInput: operate(
    'editInput',
    { ...onStep, phase: shapes.lanePhase.default('do'), input: shapes.json },
    ({ step, phase, input }) => ({ type: 'editInput', step, phase, input }),
  ),
  resolveUnknown: operate(
    'resolveUnknown',
    { ...onStep, happened: z.boolean(), output: shapes.json.default(null) },
    ({ step, happened, output }) => ({ type: 'resolveUnknown', step, happened, output }),
  ),
  compensate: operate('compensate', {}, () => ({ type: 'compensate' })),
  cancel: operate('cancel', {}, () => ({ type: 'cancel' })),
  /** Ends it as it is, without undo. */
  terminate: operate('terminate', {}, () => ({ type: 'terminate' })),
  /** Takes an undo as done: somebody did it by hand. */
  force: operate('force', onStep, ({ step }) => ({ type: 'force', step })),
  /** Gives an undo up: what the step did stays. */
  waive: operate('waive', onStep, ({ step }) => ({ type: 'waive', step })),

  signal: allow('operator', 'sagas:write')
    .input(
      operation(
        z.object({
          runId: shapes.runId,
          signal: schemas.name,
          payload: shapes.json.default(null),
          reason: schemas.reason.optional(),
        }),
      ),
    )
    .mutation(({ ctx, input }) =>
      write(ctx, 'sagas.signal', input, async (tx) => {
        const { runId, signal, payload, reason } = input.data
        const isPerson = ctx.principal.role !== null
        const by = isPerson ? { actor: ctx.principal.actor, reason: reason ?? 'no reason given' } : null
        const state = await ctx.engines.sagas.signal(tx, runId, signal, payload, by)
        if (isPerson) {
          const after = { signal, status: state.status }
          await tx.audit({
            action: 'saga.signal',
            target: `saga/${runId}`,
            reason: reason ?? null,
            before: null,
            after,
          })
        }
        return { runId, status: state.status, seq: state.seq }
      }),
    ),

  /** A new run of the same version that takes over what is done before `step`. */
  redrive: operator
    .input(
      operation(
        z.object({
          runId: shapes.runId,
          step: shapes.stepName,
          keys: z.enum(['reused', 'new']),
          input: shapes.json.optional(),
          paused: z.boolean().default(false),
          reason: schemas.reason,
        }),
      ),
    )
    .mutation(({ ctx, input }) =>
      write(ctx, 'sagas.redrive', input, async (tx) => {
        const { reason, ...redrive } = input.data
        const by = { actor: ctx.principal.actor, reason }
        const fork = await redriveRun(ctx.engines.sagas.engine, tx, redrive, by)
        const after = { fork: fork.runId, step: redrive.step, keys: redrive.keys }
        await tx.audit({ action: 'saga.redrive', target: `saga/${redrive.runId}`, reason, before: null, after })
        return fork
      }),
    ),

  // ---- schedules and queues ----

  schedules: router({
    list: reader.input(operation(z.object({}))).query(({ ctx }) => ({
      schedules: [...ctx.engines.sagas.schedules.list()],
    })),
    /** The next times of an expression. */
    preview: reader
      .input(operation(z.object({ cron: z.string().max(100), timezone: z.string().max(64).default('UTC') })))
      .query(({ ctx, input }) => {
        const times: number[] = []
        let after = ctx.engines.clock.wall()
        for (let i = 0; i < 5; i++) {
          const next = nextTime(input.data.cron, input.data.timezone, after)
          if (next === null) break
          times.push(next)
          after = next
        }
        return { times }
      }),
    put: operator
      .input(
        operation(
          z.object({
            name: schemas.name,
            definition: schemas.name,
            cron: z.string().min(1).max(100),
            timezone: z.string().min(1).max(64).default('UTC'),
            input: shapes.json.default(null),
            enabled: z.boolean().default(true),
            /** of the one that is replaced; 0: there is none yet */
            revision: z.number().int().nonnegative().default(0),
            reason: schemas.reason,
          }),
        ),
      )
      .mutation(({ ctx, input }) =>
        write(ctx, 'sagas.schedules.put', input, async (tx) => {
          const { reason, ...schedule } = input.data
          const before = await tx.q.sagas.schedule(schedule.name)
          const row = await ctx.engines.sagas.schedules.put(tx, schedule)
          const target = `saga-schedule/${row.name}`
          await tx.audit({ action: 'saga.schedule', target, reason, before, after: row, seq: null })
          return { schedule: row }
        }),
      ),
    remove: operator
      .input(operation(z.object({ name: schemas.name, reason: schemas.reason })))
      .mutation(({ ctx, input }) =>
        write(ctx, 'sagas.schedules.remove', input, async (tx) => {
          const { name, reason } = input.data
          const before = await ctx.engines.sagas.schedules.remove(tx, name)
          await tx.audit({
            action: 'saga.unschedule',
            target: `saga-schedule/${name}`,
            reason,
            before,
            after: null,
            seq: null,
          })
          return { name }
        }),
      ),
  }),

  queues: router({
    list: reader.input(operation(z.object({}))).query(({ ctx }) => ctx.engines.sagas.reads.queues()),
    /** How many tasks of a queue may be under way; null: any number. */
    limit: operator
      .input(
        operation(
          z.object({
            queue: schemas.name,
            limit: z.number().int().min(1).max(100_000).nullable(),
            reason: schemas.reason,
          }),
        ),
      )
      .mutation(({ ctx, input }) =>
        write(ctx, 'sagas.queues.limit', input, async (tx) => {
          const { queue, limit, reason } = input.data
          const before = (await tx.q.sagas.queues()).find((q) => q.name === queue) ?? null
          await tx.q.sagas.putQueue(queue, limit)
          const after = { name: queue, limit }
          await tx.audit({ action: 'saga.limit', target: `saga-queue/${queue}`, reason, before, after, seq: null })
          tx.afterCommit(() => ctx.engines.sagas.limit(queue, limit))
          return { queue, limit }
        }),
      ),
  }),
})
