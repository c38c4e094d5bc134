import { tracked } from '@trpc/server'
import { z } from 'zod'
import { NotFoundError, ValidationError } from '../../core/errors.ts'
import type { JournalEvent } from '../../core/event.ts'
import type { Instance, Service } from '../../core/instance.ts'
import type { JournalFilter } from '../../db/queries.ts'
import type { ReadTx } from '../../db/store.ts'
import { operation, subscription } from './operation.ts'
import * as schemas from './schemas.ts'
import { bounded } from './streams.ts'
import { allow, router } from './trpc.ts'

/** Entries looked through in one call when no index helps: about 50 ms, so that a search never holds everybody up. */
const SEARCH_MAX = 50_000

/** A page, newest first. `next` may come with an empty page: the search goes on from there. */
async function listJournal(
  tx: ReadTx,
  filter: JournalFilter,
): Promise<{ events: JournalEvent[]; next: number | null }> {
  const { q, kinds, actor } = filter
  const searching = (q !== undefined && q !== '') || (kinds?.length ?? 0) > 0 || actor !== undefined
  const top = Math.min(filter.before ?? Number.MAX_SAFE_INTEGER, (await tx.head()) + 1)
  const floor = Math.max(filter.after ?? 0, searching ? top - 1 - SEARCH_MAX : 0)
  const events = await tx.q.journal.list({ ...filter, after: floor })
  const last = events.at(-1)
  if (last && events.length === filter.limit) return { events, next: last.seq }
  const oldest = (await tx.q.journal.oldest())?.seq ?? top
  const more = floor > (filter.after ?? 0) && floor >= oldest
  return { events, next: more ? floor + 1 : null }
}

const reader = allow('viewer', 'journal:read')
const kind = z.string().min(1).max(64)
const seq = z.number().int().nonnegative()

export const journalRouter = router({
  /** Entries, newest first; `next` is the `before` of the following page. */
  list: reader
    .input(
      operation(
        z.object({
          kinds: z.array(kind).max(50).optional(),
          key: z.string().max(200).optional(),
          service: schemas.name.optional(),
          /** only what is about some service */
          ofServices: z.boolean().optional(),
          actor: z.string().max(300).optional(),
          q: z.string().max(100).optional(),
          before: seq.optional(),
          after: seq.optional(),
          limit: schemas.pageLimit,
        }),
      ),
    )
    .query(async ({ ctx, input }) => {
      const { registry, store } = ctx.engines
      const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
      const { events, next } = await store.read((tx) => listJournal(tx, input.data))
      return { events, next, ...fresh }
    }),

  /** Every entry after the cursor, in order: backfill, then live; or an explicit resync. */
  watch: reader
    .input(
      subscription(
        z.object({ after: seq.optional(), service: schemas.name.optional(), kinds: z.array(kind).max(50).optional() }),
      ),
    )
    .subscription(async function* ({ ctx, input, signal }) {
      using _slot = bounded(ctx)
      const { journal } = ctx.engines
      const { flow } = ctx
      const resumed = input.lastEventId === undefined ? Number.NaN : Number(input.lastEventId)
      const cursor = Number.isSafeInteger(resumed) && resumed >= 0 ? resumed : (input.data.after ?? journal.head)
      const messages = journal.tail({
        cursor,
        services: input.data.service === undefined ? null : new Set([input.data.service]),
        kinds: input.data.kinds ? new Set(input.data.kinds) : null,
        signal: signal ?? new AbortController().signal,
        ready: flow ? () => flow.ready() : undefined,
      })
      for await (const message of messages) {
        const last = message.type === 'resync' ? message.seq : (message.events.at(-1)?.seq ?? 0)
        yield tracked(String(last), message)
      }
    }),

  /** The registry as it was at an entry or at a time. */
  at: reader
    .input(operation(z.object({ seq: seq.optional(), at: z.number().int().nonnegative().optional() })))
    .query(async ({ ctx, input }) => {
      const { registry, store } = ctx.engines
      if ((input.data.seq === undefined) === (input.data.at === undefined)) {
        throw new ValidationError('Give either "seq" or "at" (milliseconds since the epoch).')
      }
      const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
      return store.read(async (tx) => {
        const head = await tx.head()
        const wanted = input.data.seq ?? (await tx.q.journal.seqAt(input.data.at as number))
        const oldest = await tx.q.journal.oldest()
        if (wanted > head) throw new NotFoundError(`The journal ends at ${head}.`)
        // Just before the oldest entry is still known, but not how long that held: a time before it is not.
        const isBefore = input.data.at !== undefined && oldest !== null && oldest.seq > 1 && input.data.at < oldest.at
        if (oldest && (wanted < oldest.seq - 1 || isBefore)) {
          throw new NotFoundError(
            `The journal is kept from entry ${oldest.seq} (${new Date(oldest.at).toISOString()}) on; what was before can no longer be rebuilt.`,
          )
        }
        const rows = await tx.q.journal.at(wanted, ['instance/', 'service/'])
        const [entry] = await tx.q.journal.list({ before: wanted + 1, limit: 1 })
        return {
          seq: wanted,
          at: entry?.at ?? null,
          instances: rows.filter((r) => r.key.startsWith('instance/')).map((r) => r.value as Instance),
          services: rows.filter((r) => r.key.startsWith('service/')).map((r) => r.value as Service),
          ...fresh,
        }
      })
    }),
})

export const auditRouter = router({
  /** What people and tokens did, newest first; `next` is the `before` of the following page. */
  list: allow('viewer', 'journal:read')
    .input(
      operation(
        z.object({
          actor: z.string().max(300).optional(),
          action: z.string().max(100).optional(),
          target: z.string().max(300).optional(),
          q: z.string().max(100).optional(),
          before: z.number().int().positive().optional(),
          limit: schemas.pageLimit,
        }),
      ),
    )
    .query(async ({ ctx, input }) => {
      const entries = await ctx.engines.store.read((tx) => tx.q.audit.list(input.data))
      const last = entries.at(-1)
      return { entries, next: last && entries.length === input.data.limit ? last.id : null }
    }),
})
