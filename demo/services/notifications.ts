/** Tells customers how their orders go: messages are written down at once and sent in batches. */
import type { SagaContext } from '@holdfast/sdk'
import { type CreateService, notFound, positive, text } from '../service.ts'

const KEEP = 3_000
const BATCH = 50

/** One message of a kind an order. */
interface Message {
  orderId: number
  customer: string
  kind: string
}

const TEXTS: Record<string, (order: number) => string> = {
  received: (order) => `We have your order ${order}.`,
  placed: (order) => `Thank you. Order ${order} is placed and paid.`,
  sent: (order) => `Order ${order} is on its way.`,
  delivered: (order) => `Order ${order} has arrived. We hope you like it.`,
}

export const notifications: CreateService = ({ place, database, locks, now }) => {
  let office: { isLeader: boolean } | null = null
  database.exec(`
    CREATE TABLE IF NOT EXISTS message (
      id INTEGER PRIMARY KEY AUTOINCREMENT, orderId INTEGER NOT NULL, customer TEXT NOT NULL, kind TEXT NOT NULL,
      body TEXT NOT NULL, at INTEGER NOT NULL, sentAt INTEGER, UNIQUE (orderId, kind)
    )
  `)
  const add = database.prepare(
    'INSERT OR IGNORE INTO message (orderId, customer, kind, body, at) VALUES (?, ?, ?, ?, ?)',
  )
  const send = database.prepare(
    'UPDATE message SET sentAt = ? WHERE id IN (SELECT id FROM message WHERE sentAt IS NULL ORDER BY id LIMIT ?)',
  )
  const ofOrder = database.prepare<[number]>('SELECT kind, body, at, sentAt FROM message WHERE orderId = ? ORDER BY id')
  const prune = database.prepare(
    'DELETE FROM message WHERE id <= (SELECT id FROM message ORDER BY id DESC LIMIT 1 OFFSET ?)',
  )

  return {
    handle({ method, path: [what], query, body }) {
      if (method === 'POST' && what === 'messages') {
        const orderId = positive(body, 'orderId')
        const kind = text(body, 'kind')
        const write = TEXTS[kind]
        if (!write) return { status: 400, body: { error: `There is no message for "${kind}".` } }
        // One message of a kind an order: a caller that asks twice is answered twice and the customer told once.
        const added = add.run(orderId, text(body, 'customer'), kind, write(orderId), now()).changes
        return { status: added === 1 ? 202 : 200, body: { orderId, kind } }
      }
      if (method === 'GET' && what === 'messages') {
        return { status: 200, body: { messages: ofOrder.all(Number(query.get('order'))) } }
      }
      return notFound
    },
    tasks: [
      {
        everyMs: 1_500,
        run() {
          // One instance sends; the other takes over when that one dies or resigns.
          office ??= locks.elect('notifications/sender', { ttlMs: 4_000, label: place.id })
          if (office.isLeader) send.run(now(), BATCH)
        },
      },
      { everyMs: 20_000, run: () => void prune.run(KEEP) },
    ],
    work: {
      'tell-customer': ({ orderId, customer, kind }: Message, ctx: SagaContext) =>
        ctx.once(() => void add.run(orderId, customer, kind, TEXTS[kind]?.(orderId) ?? '', now())),
    },
  }
}
