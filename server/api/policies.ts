/** Backoff policies: what is in force, what operators set, and what it would do. */
import { z } from 'zod'
import { JITTERS } from '../../core/backoff.ts'
import { NotFoundError } from '../../core/errors.ts'
import { outage } from '../../core/outage.ts'
import { assertPolicy, effectivePolicy, FAILURES, type PolicyValues } from '../../core/policy.ts'
import { schedule, stampede } from '../../core/policy-preview.ts'
import { seededRandom } from '../../core/random.ts'
import { putPolicy, removePolicy } from '../policies/change.ts'
import { execute } from '../transact.ts'
import { operation, subscription } from './operation.ts'
import * as schemas from './schemas.ts'
import { bounded, command } from './streams.ts'
import { allow, router } from './trpc.ts'

const ms = z.number().min(0).max(86_400_000)

export const policyValues = z
  .object({
    initialDelayMs: ms,
    maxDelayMs: ms,
    multiplier: z.number().min(1).max(10),
    jitter: z.enum(JITTERS),
    maxRetries: z.number().int().min(0).max(1_000),
    maxElapsedMs: ms.min(1).nullable(),
    attemptTimeoutMs: ms.min(1).nullable(),
    respectRetryAfter: z.boolean(),
    budget: z
      .object({
        name: schemas.name.nullable().default(null),
        ratio: z.number().min(0).max(1),
        perSecond: z.number().min(0).max(100_000),
        concurrentMin: z.number().int().min(0).max(100_000),
      })
      .nullable(),
    retryOn: z.array(z.enum(FAILURES)).max(FAILURES.length),
  })
  .partial()
  .strict()

const version = z.number().int().nonnegative()
const reader = allow('viewer', 'policies:read')
const writer = allow('operator', 'policies:write')

export const policiesRouter = router({
  list: reader.input(operation(z.object({}).default({}))).query(async ({ ctx, input }) => {
    const fresh = await ctx.engines.registry.freshness(input.consistencyLevel ?? 'eventual')
    return { policies: ctx.engines.policies.list(), ...fresh }
  }),

  get: reader.input(operation(z.object({ name: schemas.name }))).query(async ({ ctx, input }) => {
    const { policies, registry } = ctx.engines
    const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
    const { name } = input.data
    if (!policies.has(name)) {
      throw new NotFoundError(
        `There is no policy "${name}": it is not built in, nobody has set it and nobody follows it.`,
      )
    }
    return { policy: policies.view(name), ...fresh }
  }),

  /** Sets what is stored under a name, whole; what is left out comes from code. Followers hear of it at once. */
  put: writer
    .input(
      operation(
        z.object({
          name: schemas.name,
          description: z.string().max(300).default(''),
          values: policyValues,
          reason: schemas.reason,
          expectedVersion: version,
        }),
      ),
    )
    .mutation(async ({ ctx, input }) => {
      const { values, ...rest } = input.data
      const executed = await execute(ctx.engines.store, command(ctx, 'policies.put', input), async (tx) => {
        const policy = await putPolicy(tx, { ...rest, values: values as PolicyValues })
        return { policy, seq: await tx.head() }
      })
      return { ...executed.result, replayed: executed.replayed }
    }),

  /** Removes what is stored; values come from code again. Says what was there, to undo it by. */
  remove: writer
    .input(operation(z.object({ name: schemas.name, reason: schemas.reason, expectedVersion: version })))
    .mutation(async ({ ctx, input }) => {
      const executed = await execute(ctx.engines.store, command(ctx, 'policies.remove', input), async (tx) => {
        const removed = await removePolicy(tx, input.data)
        return { removed, seq: await tx.head() }
      })
      return { ...executed.result, replayed: executed.replayed }
    }),

  /** What a policy would do: its schedule, a thousand clients that fail together, the load on a service that is down. */
  simulate: reader
    .input(
      operation(
        z.object({
          name: schemas.name.default('preview'),
          values: policyValues.default({}),
          downMs: z.number().min(1_000).max(600_000).default(20_000),
          requestsPerSecond: z.number().min(1).max(100_000).default(100),
          processes: z.number().int().min(1).max(1_000).default(10),
          attemptMs: z.number().min(0).max(60_000).default(50),
          seed: z.number().int().nonnegative().default(1),
        }),
      ),
    )
    .query(({ input }) => {
      const { name, values, seed, ...options } = input.data
      const { policy } = effectivePolicy(name, values as PolicyValues)
      assertPolicy(policy)
      const random = seededRandom(seed)
      return {
        policy,
        schedule: schedule(policy, random),
        stampede: stampede(policy, random),
        outage: outage(policy, random, options),
      }
    }),

  /** Follows policies: all that is stored of them, again at every change. Whoever follows one is shown as its user. */
  watch: reader
    .input(
      subscription(
        z.object({
          names: z.union([z.literal('all'), z.array(schemas.name).min(1).max(200)]),
          instance: schemas.instanceId.nullish(),
        }),
      ),
    )
    .subscription(async function* ({ ctx, input, signal }) {
      using _slot = bounded(ctx)
      const { flow, engines, principal } = ctx
      const { names, instance } = input.data
      yield* engines.policies.follow({
        names: names === 'all' ? null : names,
        user: { actor: principal.actor, instance: instance ?? null },
        signal: signal ?? new AbortController().signal,
        ready: flow ? () => flow.ready() : undefined,
      })
    }),
})
