import { z } from 'zod'
import { LockError, NotFoundError } from '../../core/errors.ts'
import type { Holder, LockRecord } from '../../core/lock.ts'
import type { LockTurn, LockView, Loss } from '../../core/lock-view.ts'
import { lockView, waitGraph } from '../locks/views.ts'
import { acquire, fencingToken, lockId, release, renew, resource } from './locks-direct.ts'
import { operation, subscription } from './operation.ts'
import * as schemas from './schemas.ts'
import { bounded, command } from './streams.ts'
import { allow, router } from './trpc.ts'

const reader = allow('viewer', 'locks:read')
const writer = allow(acquire.access.role, acquire.access.scope)

/** What `locks.watch` sends: leases that a client lost, and who holds the resources it observes. */
export type LockMessage =
  | { type: 'ready' }
  | ({ type: 'lost' } & Loss)
  | { type: 'state'; resource: string; holders: ObservedHolder[]; lastToken: number }

export type ObservedHolder = Pick<Holder, 'session' | 'client' | 'label' | 'fencingToken' | 'mode' | 'acquiredAt'> & {
  instance: string | null
}

/** Messages that wait for a reader which does not take them; past it, it is told to come back. */
const PENDING_MAX = 1_000

export const locksRouter = router({
  acquire: writer.input(acquire.input).mutation(({ ctx, input }) => acquire.run(ctx, input)),
  renew: writer.input(renew.input).mutation(({ ctx, input }) => renew.run(ctx, input)),
  release: writer.input(release.input).mutation(({ ctx, input }) => release.run(ctx, input)),

  /** One resource as it is now. @throws NotFoundError when nobody holds it, waits for it, or did lately */
  get: reader.input(operation(z.object({ resource }))).query(async ({ ctx, input }) => {
    const { locks, registry, clock } = ctx.engines
    const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
    const entry = locks.entries.get(input.data.resource)
    if (!entry) {
      throw new NotFoundError(`Nobody holds "${input.data.resource}" or waits for it, and nobody did in the last hour.`)
    }
    return { lock: lockView(entry, locks, 500), graph: waitGraph(locks), now: clock.wall(), ...fresh }
  }),

  /** Resources that are held or waited for, by name. */
  list: reader
    .input(
      operation(
        z
          .object({
            q: z.string().max(200).optional(),
            state: z.enum(['all', 'held', 'contended']).default('all'),
            kind: z.enum(['lock', 'semaphore', 'election']).optional(),
            /** only what this instance holds or waits for */
            instance: schemas.instanceId.optional(),
            after: resource.optional(),
            limit: z.number().int().min(1).max(500).default(100),
          })
          .default({ state: 'all', limit: 100 }),
      ),
    )
    .query(async ({ ctx, input }) => {
      const { locks, locksLive, registry, clock } = ctx.engines
      const { q, state, kind, instance, after, limit } = input.data
      const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
      const wanted = q?.toLowerCase()
      const names: string[] = []
      for (const entry of locks.entries.values()) {
        const { record, queue } = entry
        if (record.holders.length === 0 && queue.length === 0) continue
        if (state === 'contended' && queue.length === 0) continue
        if (kind !== undefined && record.kind !== kind) continue
        if (wanted !== undefined && !entry.resource.toLowerCase().includes(wanted)) continue
        if (after !== undefined && entry.resource <= after) continue
        if (
          instance !== undefined &&
          !record.holders.some((holder) => holder.instance?.id === instance) &&
          !queue.some(({ request }) => request.instance?.id === instance)
        ) {
          continue
        }
        names.push(entry.resource)
      }
      names.sort()
      const page: LockView[] = []
      for (const name of names.slice(0, limit)) {
        const entry = locks.entries.get(name)
        if (entry) page.push(lockView(entry, locks, 20))
      }
      const { totals } = locksLive.look()
      return {
        locks: page,
        next: names.length > limit ? (page.at(-1)?.resource ?? null) : null,
        totals,
        graph: waitGraph(locks),
        deadlocks: locks.deadlocks,
        now: clock.wall(),
        ...fresh,
      }
    }),

  /** What happened to a resource, newest first. */
  history: reader
    .input(
      operation(
        z.object({
          resource,
          before: z.number().int().positive().optional(),
          limit: z.number().int().min(1).max(500).default(100),
        }),
      ),
    )
    .query(async ({ ctx, input }) => {
      const { resource: name, before, limit } = input.data
      const { registry, store, clock } = ctx.engines
      const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
      const events = await store.read((tx) => tx.q.journal.list({ key: `lock/${name}`, before, limit }))
      const turns = events.map(({ seq, at, kind, actor, summary, value }): LockTurn => {
        const holders = ((value as LockRecord | null)?.holders ?? []).map(
          ({ lockId: id, session, label, mode, fencingToken: token, acquiredAt }) => ({
            lockId: id,
            session,
            label,
            mode,
            fencingToken: token,
            acquiredAt,
          }),
        )
        return { seq, at, kind, actor, summary, holders }
      })
      return { turns, next: events.length === limit ? (events.at(-1)?.seq ?? null) : null, now: clock.wall(), ...fresh }
    }),

  /** Takes a resource from its holders. `fencingToken`: the newest one that the operator saw. */
  forceRelease: allow('operator', null)
    .input(
      operation(
        z.object({
          resource,
          /** null: all of its holders */
          lockId: lockId.nullable().default(null),
          fencingToken,
          reason: schemas.reason,
        }),
      ),
    )
    .mutation(async ({ ctx, input }) => {
      const executed = await ctx.engines.locks.forceRelease(input.data, command(ctx, 'locks.forceRelease', input))
      return { ...executed.result, replayed: executed.replayed }
    }),

  /** Leases that `client` lost, and who holds `resources`, as it happens. */
  watch: reader
    .input(
      subscription(
        z.object({
          client: z.string().min(1).max(160).optional(),
          resources: z.array(resource).max(50).default([]),
        }),
      ),
    )
    .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<LockMessage> {
      using _slot = bounded(ctx)
      const { locks } = ctx.engines
      const { client, resources } = input.data
      const pending: LockMessage[] = []
      let wake = () => {}
      const push = (message: LockMessage) => {
        pending.push(message)
        wake()
      }
      const state = (record: LockRecord) => push({ type: 'state', ...observed(record) })
      const offs = resources.map((name) => locks.listeners.onChange(name, state))
      if (client !== undefined) offs.push(locks.lossesOf(client, (loss) => push({ type: 'lost', ...loss })))
      signal?.addEventListener('abort', () => wake())
      try {
        yield { type: 'ready' }
        for (const name of resources) {
          const record = locks.entries.get(name)?.record
          yield { type: 'state', ...(record ? observed(record) : { resource: name, holders: [], lastToken: 0 }) }
        }
        while (!signal?.aborted) {
          const message = pending.shift()
          if (message) {
            if (pending.length > PENDING_MAX) throw new LockError('This reader is too slow; subscribe again.')
            if (ctx.flow) await ctx.flow.ready()
            yield message
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
      } finally {
        for (const off of offs) off()
      }
    }),

  /** What the page shows, now and at every change, at most four times a second. */
  live: reader.input(subscription(z.object({}).default({}))).subscription(async function* ({ ctx, signal }) {
    using _slot = bounded(ctx)
    const { flow } = ctx
    yield* ctx.engines.locksLive.stream({
      signal: signal ?? new AbortController().signal,
      ready: flow ? () => flow.ready() : undefined,
    })
  }),
})

function observed({ resource: name, holders, lastToken }: LockRecord) {
  return {
    resource: name,
    lastToken,
    holders: holders.map(({ session, client, label, fencingToken: token, mode, acquiredAt, instance }) => ({
      session,
      client,
      label,
      fencingToken: token,
      mode,
      acquiredAt,
      instance: instance?.id ?? null,
    })),
  }
}
