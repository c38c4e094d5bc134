/** Packs parcels, hands them to a carrier, and follows them to the door. */
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type SagaContext, StepRefusedError } from '@holdfast/sdk'
import type { Order } from '../place-order.ts'
import { type CreateService, notFound } from '../service.ts'

const KEEP = 3_000
const PACKED_FOR_MS = 20_000
const UNDER_WAY_FOR_MS = 60_000
/** parcels moved on in one round, so that a backlog is worked off calmly */
const BATCH = 12

/** Parcels are packed in a moment, but for gifts: those take a while, and nobody can be found at some addresses. */
const GIFT_EVERY = 9
const GIFT_LAYERS = 6
const LAYER_MIN_MS = 250
const LAYER_SPREAD_MS = 700
const NOWHERE_EVERY = 50
const NOWHERE_FIRST = 40

const CARRIERS = ['Heron', 'Northline', 'Parcelboat'] as const

interface Shipment {
  key: string
  orderId: number
  customer: string
  state: 'packed' | 'sent' | 'delivered'
  tracking: string
  carrier: string
  movesAt: number
}

export const shipping: CreateService = ({ database, call, now, random }) => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS shipment (
      key TEXT PRIMARY KEY, orderId INTEGER NOT NULL, customer TEXT NOT NULL, state TEXT NOT NULL, tracking TEXT NOT NULL,
      carrier TEXT NOT NULL, at INTEGER NOT NULL, movesAt INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS shipment_due ON shipment (state, movesAt);
    CREATE INDEX IF NOT EXISTS shipment_order ON shipment (orderId);
  `)
  const find = database.prepare<[number], Shipment>('SELECT * FROM shipment WHERE orderId = ?')
  const add = database.prepare("INSERT INTO shipment VALUES (?, ?, ?, 'packed', ?, ?, ?, ?)")
  const due = database.prepare<[number, number], Shipment>(
    "SELECT * FROM shipment WHERE state IN ('packed', 'sent') AND movesAt <= ? ORDER BY movesAt LIMIT ?",
  )
  const backlog = database.prepare<[], { n: number }>("SELECT count(*) AS n FROM shipment WHERE state = 'packed'")
  const move = database.prepare('UPDATE shipment SET state = ?, movesAt = ? WHERE key = ? AND state = ?')
  const prune = database.prepare(
    'DELETE FROM shipment WHERE rowid <= (SELECT rowid FROM shipment ORDER BY rowid DESC LIMIT 1 OFFSET ?)',
  )

  async function send({ orderId, customer }: Order, ctx: SagaContext): Promise<{ tracking: string; carrier: string }> {
    if (orderId % NOWHERE_EVERY === NOWHERE_FIRST) {
      throw new StepRefusedError('ADDRESS_UNKNOWN', 'No carrier knows this address.')
    }
    if (orderId % GIFT_EVERY === 0) {
      for (let layer = 1; layer <= GIFT_LAYERS; layer++) {
        await wait(LAYER_MIN_MS + random() * LAYER_SPREAD_MS, undefined, { signal: ctx.signal })
        await ctx.heartbeat({ wrapped: `${layer} of ${GIFT_LAYERS} layers` })
      }
    }
    return ctx.once(() => {
      const tracking = createHash('sha256').update(ctx.doKey).digest('hex').slice(0, 12).toUpperCase()
      const carrier = CARRIERS[orderId % CARRIERS.length] as string
      add.run(ctx.doKey, orderId, customer, tracking, carrier, now(), now() + PACKED_FOR_MS)
      return { tracking, carrier }
    })
  }

  return {
    handle({ method, path: [what, key] }) {
      if (method === 'GET' && what === 'estimates') {
        const waiting = backlog.get()?.n ?? 0
        return { status: 200, body: { days: 1 + Math.floor(waiting / 100), waiting } }
      }
      if (method === 'GET' && what === 'shipments') {
        const shipment = find.get(Number(key))
        return shipment ? { status: 200, body: shipment } : notFound
      }
      return notFound
    },
    tasks: [
      {
        everyMs: 1_000,
        async run() {
          const round = due.all(now(), BATCH).map(async ({ key, orderId, customer, state }) => {
            const next = state === 'packed' ? 'sent' : 'delivered'
            // The customer is told first: a parcel whose message failed stays due, and is tried again.
            const told = await call('notifications', '/messages', { body: { orderId, customer, kind: next } })
            if (told.status < 400) move.run(next, now() + UNDER_WAY_FOR_MS, key, state)
          })
          await Promise.allSettled(round)
        },
      },
      { everyMs: 20_000, run: () => void prune.run(KEEP) },
    ],
    work: { 'send-parcel': send },
  }
}
