/** Packs parcels, hands them to a carrier, and follows them to the door. */
import { createHash } from 'node:crypto'
import { type CreateService, notFound, positive, text } from '../service.ts'

const KEEP = 3_000
const PACKED_FOR_MS = 20_000
const UNDER_WAY_FOR_MS = 60_000
/** parcels moved on in one round, so that a backlog is worked off calmly */
const BATCH = 12

const CARRIERS = ['Heron', 'Northline', 'Parcelboat'] as const

interface Shipment {
  orderId: number
  customer: string
  state: 'packed' | 'sent' | 'delivered'
  tracking: string
  carrier: string
  movesAt: number
}

export const shipping: CreateService = ({ database, call, now }) => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS shipment (
      orderId INTEGER PRIMARY KEY, customer TEXT NOT NULL, state TEXT NOT NULL, tracking TEXT NOT NULL,
      carrier TEXT NOT NULL, at INTEGER NOT NULL, movesAt INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS shipment_due ON shipment (state, movesAt);
  `)
  const find = database.prepare<[number], Shipment>('SELECT * FROM shipment WHERE orderId = ?')
  const add = database.prepare("INSERT OR IGNORE INTO shipment VALUES (?, ?, 'packed', ?, ?, ?, ?)")
  const due = database.prepare<[number, number], Shipment>(
    "SELECT * FROM shipment WHERE state IN ('packed', 'sent') AND movesAt <= ? ORDER BY movesAt LIMIT ?",
  )
  const move = database.prepare('UPDATE shipment SET state = ?, movesAt = ? WHERE orderId = ? AND state = ?')
  const prune = database.prepare(
    'DELETE FROM shipment WHERE orderId <= (SELECT orderId FROM shipment ORDER BY orderId DESC LIMIT 1 OFFSET ?)',
  )

  return {
    handle({ method, path: [what, key], body }) {
      if (method === 'POST' && what === 'shipments') {
        const orderId = positive(body, 'orderId')
        const tracking = createHash('sha256').update(`parcel ${orderId}`).digest('hex').slice(0, 12).toUpperCase()
        const carrier = CARRIERS[orderId % CARRIERS.length] as string
        const added = add.run(orderId, text(body, 'customer'), tracking, carrier, now(), now() + PACKED_FOR_MS).changes
        return { status: added === 1 ? 201 : 200, body: find.get(orderId) }
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
          const round = due.all(now(), BATCH).map(async ({ orderId, customer, state }) => {
            const next = state === 'packed' ? 'sent' : 'delivered'
            // The customer is told first: a parcel whose message failed stays due, and is tried again.
            const told = await call('notifications', '/messages', { body: { orderId, customer, kind: next } })
            if (told.status < 400) move.run(next, now() + UNDER_WAY_FOR_MS, orderId, state)
          })
          await Promise.allSettled(round)
        },
      },
      { everyMs: 20_000, run: () => void prune.run(KEEP) },
    ],
  }
}
