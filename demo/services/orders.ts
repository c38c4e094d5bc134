/**
 * Takes orders. What a customer sees is asked directly: is it there, is the card one, how long will it take. The order itself is
 * a saga that ends well or is undone, whatever dies. While the breaker of payments is open no card is looked at: the order is
 * taken all the same. While the control plane is away orders are written down here, and begun when it is back.
 */
import { randomUUID } from 'node:crypto'
import { BreakerOpenError, NetworkError, type SagaResult, TimeoutError } from '@holdfast/sdk'
import { placeOrder } from '../place-order.ts'
import { type CreateService, field, type Item, items, notFound, type Reply, text } from '../service.ts'

const KEEP = 3_000
const BATCH = 6
/** An order that was left for so long is taken up by whichever instance comes first. */
const LEFT_NEW_MS = 4_000
const LEFT_PLACED_MS = 40_000
const START_WITHIN_MS = 1_000
/** A customer waits for so long; gifts take longer, and are accepted all the same. */
const ANSWER_WITHIN_MS = 1_200
const FOLLOW_FOR_MS = 30_000

/** `new`: its saga is not known to have begun. `placed`: it is under way. */
type State = 'new' | 'placed' | 'shipped' | 'rejected' | 'failed'

interface Order {
  id: number
  customer: string
  card: string
  items: string
  state: State
  totalCents: number
  tracking: string | null
}

export const orders: CreateService = ({ database, call, sagas, now, log }) => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS "order" (
      id INTEGER PRIMARY KEY AUTOINCREMENT, customer TEXT NOT NULL, card TEXT NOT NULL DEFAULT '', items TEXT NOT NULL, state TEXT NOT NULL,
      totalCents INTEGER NOT NULL DEFAULT 0, tracking TEXT, at INTEGER NOT NULL, touchedAt INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS order_open ON "order" (touchedAt) WHERE state IN ('new', 'placed');
    CREATE TABLE IF NOT EXISTS shop (id TEXT NOT NULL);
  `)
  database.exec(`INSERT INTO shop SELECT '${randomUUID().slice(0, 8)}' WHERE NOT EXISTS (SELECT 1 FROM shop)`)
  /** Numbers of orders begin at 1 in every new shop; keys must not. */
  const shop = (database.prepare('SELECT id FROM shop').get() as { id: string }).id
  const add = database.prepare(
    `INSERT INTO "order" (customer, card, items, state, totalCents, at, touchedAt) VALUES (?, ?, ?, 'new', ?, ?, ?)`,
  )
  const find = database.prepare<[number], Order>('SELECT * FROM "order" WHERE id = ?')
  const move = database.prepare(
    `UPDATE "order" SET state = ?, tracking = coalesce(?, tracking), touchedAt = ? WHERE id = ? AND state IN ('new', 'placed')`,
  )
  const claim = database.prepare<[number, number, number, number], Order>(`
    UPDATE "order" SET touchedAt = ? WHERE id IN (
      SELECT id FROM "order" WHERE (state = 'new' AND touchedAt < ?) OR (state = 'placed' AND touchedAt < ?)
      ORDER BY touchedAt LIMIT ?
    )
    RETURNING *
  `)
  const prune = database.prepare(`
    DELETE FROM "order" WHERE state NOT IN ('new', 'placed')
    AND id <= (SELECT id FROM "order" ORDER BY id DESC LIMIT 1 OFFSET ?)
  `)

  /** The same order again is the same run. */
  async function begin(order: Order) {
    const { id, customer } = order
    const input = { orderId: id, customer, card: order.card.slice(-4), items: JSON.parse(order.items) as Item[] }
    const run = await sagas.start(placeOrder, input, {
      idempotencyKey: `order ${id} of shop ${shop.slice(0, 8)}`,
      attributes: { order: String(id), customer },
      timeoutMs: START_WITHIN_MS,
    })
    move.run('placed', null, now(), id)
    return run
  }

  function settle(id: number, { status, output, error }: SagaResult<{ 'send-parcel': { tracking: string } }>): State {
    if (status === 'succeeded') move.run('shipped', output?.['send-parcel'].tracking ?? null, now(), id)
    else if (status !== 'stuck') move.run(error?.code === 'OUT_OF_STOCK' ? 'rejected' : 'failed', null, now(), id)
    return find.get(id)?.state ?? 'placed'
  }

  /** Waits for the end of an order's saga; what takes longer is looked at again later. */
  async function follow(order: Order, timeoutMs: number): Promise<void> {
    try {
      const run = await begin(order)
      settle(order.id, await run.result({ timeoutMs }))
    } catch (error) {
      if (!(error instanceof TimeoutError) && !(error instanceof NetworkError)) throw error
    }
  }

  async function isCardFine(card: string): Promise<Reply | null> {
    try {
      const checked = await call('payments', '/checks', { body: { card } })
      if (checked.status < 300) return null
      if (checked.status === 402) return checked
      return { status: 503, body: { error: `The order could not be placed: payments answered ${checked.status}.` } }
    } catch (error) {
      // Certainly not asked: the saga charges the card as soon as payments are back.
      if (error instanceof BreakerOpenError) return null
      throw error
    }
  }

  async function place(customer: string, card: string, wanted: Item[]): Promise<Reply> {
    let totalCents: number
    let days: unknown
    try {
      const quote = await call('inventory', '/quotes', { body: { items: wanted } })
      if (quote.status >= 300) return { status: quote.status === 409 ? 409 : 503, body: quote.body }
      totalCents = Number(field(quote.body, 'totalCents'))
      const [refusal, estimate] = await Promise.all([
        isCardFine(card),
        call('shipping', '/estimates').catch(() => null),
      ])
      if (refusal) return refusal
      days = field(estimate?.body, 'days')
    } catch (error) {
      return { status: 503, body: { error: error instanceof Error ? error.message : 'a service did not answer' } }
    }
    const id = Number(add.run(customer, card, JSON.stringify(wanted), totalCents, now(), now()).lastInsertRowid)
    const accepted = (state: State): Reply => ({ status: 201, body: { orderId: id, totalCents, days, state } })
    const order = find.get(id) as Order
    try {
      const run = await begin(order)
      call('notifications', '/messages', { body: { orderId: id, customer, kind: 'received' } }).catch(() => undefined)
      const result = await run.result({ timeoutMs: ANSWER_WITHIN_MS })
      const state = settle(id, result)
      if (state !== 'failed' && state !== 'rejected') return accepted(state)
      const status = result.error?.code === 'CARD_DECLINED' ? 402 : result.error?.code === 'OUT_OF_STOCK' ? 409 : 503
      return { status, body: { error: result.error?.message ?? `Order ${id} could not be placed.`, orderId: id } }
    } catch (error) {
      if (error instanceof TimeoutError) {
        follow(order, FOLLOW_FOR_MS).catch(() => log(`order ${id} is looked at again later`))
        return accepted('placed')
      }
      if (error instanceof NetworkError) return accepted('new')
      throw error
    }
  }

  return {
    async handle({ method, path: [what, key], body }) {
      if (method === 'POST' && what === 'orders') return place(text(body, 'customer'), text(body, 'card'), items(body))
      if (method === 'GET' && what === 'orders' && key !== undefined) {
        const order = find.get(Number(key))
        return order ? { status: 200, body: { ...order, card: order.card.slice(-4) } } : notFound
      }
      return notFound
    },
    sagas: [placeOrder],
    tasks: [
      {
        everyMs: 2_000,
        async run() {
          const left = claim.all(now(), now() - LEFT_NEW_MS, now() - LEFT_PLACED_MS, BATCH)
          await Promise.allSettled(left.map((order) => follow(order, ANSWER_WITHIN_MS)))
        },
      },
      { everyMs: 20_000, run: () => void prune.run(KEEP) },
    ],
  }
}
