/**
 * Takes an order through stock, payment and shipping. What fails before the money is taken is undone, and undoing is
 * tried until it is known to be done; what fails after it is tried again until the parcel is packed. While the breaker of
 * payments is open nothing is asked of them: the order is taken all the same, and paid when they are back.
 */
import { BreakerOpenError } from '@holdfast/sdk'
import { type CreateService, field, type Item, items, notFound, type Reply, text } from '../service.ts'

const KEEP = 3_000
const RETRY_AFTER_MS = 4_000
const BATCH = 6

/** `undoing`: its stock and charge are to be given back. `unpaid`: to be charged. `paid`: its parcel is to be packed. */
type State = 'new' | 'unpaid' | 'rejected' | 'undoing' | 'failed' | 'paid' | 'shipped'

interface Order {
  id: number
  customer: string
  card: string
  items: string
  state: State
  totalCents: number
  tracking: string | null
}

export const orders: CreateService = ({ database, call, now, log }) => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS "order" (
      id INTEGER PRIMARY KEY AUTOINCREMENT, customer TEXT NOT NULL, card TEXT NOT NULL DEFAULT '', items TEXT NOT NULL, state TEXT NOT NULL,
      totalCents INTEGER NOT NULL DEFAULT 0, tracking TEXT, at INTEGER NOT NULL, touchedAt INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS order_open ON "order" (touchedAt) WHERE state IN ('new', 'unpaid', 'undoing', 'paid');
  `)
  const add = database.prepare(
    `INSERT INTO "order" (customer, card, items, state, at, touchedAt) VALUES (?, ?, ?, 'new', ?, ?)`,
  )
  const find = database.prepare<[number], Order>('SELECT * FROM "order" WHERE id = ?')
  const settle = database.prepare(
    'UPDATE "order" SET state = ?, totalCents = max(totalCents, ?), tracking = coalesce(?, tracking), touchedAt = ? WHERE id = ? AND state = ?',
  )
  // One of the instances takes an order that was left: what a killed process had begun is finished by its sibling.
  const claim = database.prepare<[number, number, number], Order>(`
    UPDATE "order" SET touchedAt = ?, state = CASE state WHEN 'new' THEN 'undoing' ELSE state END
    WHERE id IN (
      SELECT id FROM "order" WHERE state IN ('new', 'unpaid', 'undoing', 'paid') AND touchedAt < ? ORDER BY touchedAt LIMIT ?
    )
    RETURNING *
  `)
  const prune = database.prepare(`
    DELETE FROM "order" WHERE state NOT IN ('new', 'unpaid', 'undoing', 'paid')
    AND id <= (SELECT id FROM "order" ORDER BY id DESC LIMIT 1 OFFSET ?)
  `)

  const move = (id: number, from: State, to: State, totalCents = 0, tracking: string | null = null): boolean =>
    settle.run(to, totalCents, tracking, now(), id, from).changes === 1

  async function undo(id: number): Promise<void> {
    const [released, voided] = await Promise.all([
      call('inventory', '/releases', { body: { orderId: id } }),
      call('payments', '/voids', { body: { orderId: id } }),
    ])
    if (released.status < 300 && voided.status < 300) move(id, 'undoing', 'failed')
  }

  async function ship(id: number, customer: string): Promise<void> {
    const shipment = await call('shipping', '/shipments', { body: { orderId: id, customer } })
    if (shipment.status < 300) move(id, 'paid', 'shipped', 0, String(field(shipment.body, 'tracking')))
  }

  /** `not asked`: the breaker of payments is open, so certainly nothing was taken. */
  async function charge(id: number, amountCents: number, card: string): Promise<Reply | 'not asked'> {
    try {
      return await call('payments', '/charges', { body: { orderId: id, amountCents, card } })
    } catch (error) {
      if (error instanceof BreakerOpenError) return 'not asked'
      throw error
    }
  }

  /** What was taken without payment is paid, or undone when the card is declined. */
  async function collect({ id, customer, card, totalCents }: Order): Promise<void> {
    const charged = await charge(id, totalCents, card)
    if (charged === 'not asked' || charged.status >= 500) return
    if (charged.status >= 300) {
      if (move(id, 'unpaid', 'undoing')) await undo(id)
    } else if (move(id, 'unpaid', 'paid')) {
      await Promise.allSettled([
        ship(id, customer),
        call('notifications', '/messages', { body: { orderId: id, customer, kind: 'placed' } }),
      ])
    }
  }

  /** Gives an order up and answers the customer at once; the undoing goes on behind. */
  function giveUp(id: number, why: string): Reply {
    if (move(id, 'new', 'undoing')) undo(id).catch(() => log(`order ${id} is still to be undone`))
    return { status: 503, body: { error: `Order ${id} could not be placed: ${why}.`, orderId: id } }
  }

  async function place(customer: string, card: string, wanted: Item[]): Promise<Reply> {
    const id = Number(add.run(customer, card, JSON.stringify(wanted), now(), now()).lastInsertRowid)
    let totalCents: number
    try {
      const held = await call('inventory', '/reservations', { body: { orderId: id, items: wanted } })
      if (held.status === 409) {
        move(id, 'new', 'rejected')
        return { status: 409, body: held.body }
      }
      if (held.status >= 300) return giveUp(id, `the inventory answered ${held.status}`)
      totalCents = Number(field(held.body, 'totalCents'))
      const charged = await charge(id, totalCents, card)
      if (charged === 'not asked') {
        if (move(id, 'new', 'unpaid', totalCents)) {
          return { status: 201, body: { orderId: id, totalCents, state: 'unpaid' } }
        }
        return { status: 503, body: { error: `Order ${id} took too long.`, orderId: id } }
      }
      if (charged.status === 402) {
        if (move(id, 'new', 'undoing')) undo(id).catch(() => log(`order ${id} is still to be undone`))
        return { status: 402, body: charged.body }
      }
      if (charged.status >= 300) return giveUp(id, `payments answered ${charged.status}`)
    } catch (error) {
      return giveUp(id, error instanceof Error ? error.message : 'a service did not answer')
    }
    if (!move(id, 'new', 'paid', totalCents))
      return { status: 503, body: { error: `Order ${id} took too long.`, orderId: id } }
    const [shipped] = await Promise.allSettled([
      ship(id, customer),
      call('notifications', '/messages', { body: { orderId: id, customer, kind: 'placed' } }),
    ])
    if (shipped.status === 'rejected') log(`order ${id} is still to be packed`)
    return { status: 201, body: { orderId: id, totalCents, state: find.get(id)?.state ?? 'paid' } }
  }

  return {
    async handle({ method, path: [what, key], body }) {
      if (method === 'POST' && what === 'orders') return place(text(body, 'customer'), text(body, 'card'), items(body))
      if (method === 'GET' && what === 'orders' && key !== undefined) {
        const order = find.get(Number(key))
        return order ? { status: 200, body: order } : notFound
      }
      return notFound
    },
    tasks: [
      {
        everyMs: 2_000,
        async run() {
          const left = claim.all(now(), now() - RETRY_AFTER_MS, BATCH)
          await Promise.allSettled(
            left.map((order) => {
              if (order.state === 'unpaid') return collect(order)
              return order.state === 'paid' ? ship(order.id, order.customer) : undo(order.id)
            }),
          )
        },
      },
      { everyMs: 20_000, run: () => void prune.run(KEEP) },
    ],
  }
}
