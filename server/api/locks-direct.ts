import { z } from 'zod'
import { assertService } from '../principal.ts'
import { direct } from './direct.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'

const shortText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'no control characters')

/** Any words without control characters, such as `invoice:42` or `shop/cart of ada`. */
export const resource = shortText(200).min(1)
export const lockId = z
  .string()
  .min(8)
  .max(80)
  .regex(/^[\x21-\x7e]+$/, 'printable characters without spaces, such as a UUID')
const session = shortText(160).min(1)
export const fencingToken = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

export const TTL_MIN_MS = 500
export const TTL_MAX_MS = 3_600_000
export const WAIT_MAX_MS = 600_000

const acquisition = z
  .object({
    resource,
    /** made by the caller, one for each acquisition: asked again with it, the same lease is answered */
    lockId,
    /** who holds it: the same session may enter again; default: the lockId */
    session: session.optional(),
    client: session.optional(),
    instance: z.object({ id: schemas.instanceId, generation: z.number().int().positive() }).optional(),
    label: shortText(120).default(''),
    kind: z.enum(['lock', 'semaphore', 'election']).default('lock'),
    mode: z.enum(['exclusive', 'shared']).default('exclusive'),
    /** how many of a semaphore's permits */
    permits: z.number().int().min(1).max(100_000).default(1),
    /** how many permits the semaphore has */
    of: z.number().int().min(1).max(100_000).default(1),
    ttlMs: z.number().int().min(TTL_MIN_MS).max(TTL_MAX_MS).default(10_000),
    waitMs: z.number().int().min(0).max(WAIT_MAX_MS).default(0),
    lockDelayMs: z.number().int().min(0).max(60_000).default(0),
    maxHoldMs: z
      .number()
      .int()
      .min(TTL_MIN_MS)
      .max(7 * 86_400_000)
      .nullable()
      .default(null),
    onDeadlock: z.enum(['refuse', 'wait']).default('refuse'),
  })
  .superRefine((value, ctx) => {
    const wrong = (message: string, at: string) => ctx.addIssue({ code: 'custom', message, path: [at] })
    if (value.kind !== 'semaphore' && (value.permits !== 1 || value.of !== 1)) {
      wrong('permits are for semaphores: set kind to "semaphore"', 'permits')
    }
    if (value.kind === 'semaphore' && value.permits > value.of) {
      wrong(`${value.permits} permits are asked of a semaphore that has ${value.of}: it would wait for ever`, 'permits')
    }
    if (value.kind !== 'lock' && value.mode === 'shared') wrong(`a ${value.kind} has no shared mode`, 'mode')
    if (value.maxHoldMs !== null && value.maxHoldMs < value.ttlMs) {
      wrong('maxHoldMs is shorter than ttlMs: the lease would end before it had to be renewed', 'maxHoldMs')
    }
  })

const access = { role: 'admin', scope: 'locks:write' } as const

/** Holds a resource, at once or after waiting for up to `waitMs`. On disk when answered. */
export const acquire = direct({
  access,
  input: operation(acquisition),
  async run(ctx, input) {
    const { locks, registry, journal } = ctx.engines
    const { data } = input
    const { principal } = ctx
    const instance = data.instance ?? null
    if (instance) {
      const bound = registry.snapshot.instances.get(instance.id)
      if (bound) assertService(principal, bound.service)
    }
    const sessionName = data.session ?? data.lockId
    const lease = await locks.acquire(
      {
        resource: data.resource,
        lockId: data.lockId,
        session: sessionName,
        client: data.client ?? sessionName,
        instance,
        owner: principal.actor,
        label: data.label,
        kind: data.kind,
        mode: data.mode,
        permits: data.permits,
        of: data.of,
        ttlMs: data.ttlMs,
        waitMs: data.waitMs,
        lockDelayMs: data.lockDelayMs,
        maxHoldMs: data.maxHoldMs,
        onDeadlock: data.onDeadlock,
      },
      { actor: principal.actor, operationId: input.id ?? null },
      ctx.closing,
    )
    return { ...lease, seq: journal.head }
  },
})

/** Keeps up to 100 leases alive. Answers for each whether it is still held. */
export const renew = direct({
  access,
  input: operation(
    z.object({
      leases: z.array(z.object({ resource, lockId, fencingToken })).min(1).max(100),
    }),
  ),
  run: async (ctx, input) => ({ leases: await ctx.engines.locks.renew(ctx.principal.actor, input.data.leases) }),
})

/** Gives a lease back, or leaves the queue. Without a token: whatever is held under this lockId. */
export const release = direct({
  access,
  input: operation(z.object({ resource, lockId, fencingToken: fencingToken.nullable().default(null) })),
  run: (ctx, input) =>
    ctx.engines.locks.release(ctx.principal.actor, input.data, {
      actor: ctx.principal.actor,
      operationId: input.id ?? null,
    }),
})
