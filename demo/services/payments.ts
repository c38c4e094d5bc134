/** Charges cards through a bank, at most once an order. */
import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type CreateService, notFound, positive, type Reply, text } from '../service.ts'

const KEEP = 3_000
/** The card number's last digits that the bank declines. */
const DECLINED = '0002'

interface Charge {
  orderId: number
  amountCents: number
  state: 'captured' | 'declined' | 'voided'
  receipt: string
}

export const payments: CreateService = ({ database, place, now, random }) => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS charge (
      orderId INTEGER PRIMARY KEY, amountCents INTEGER NOT NULL, card TEXT NOT NULL, state TEXT NOT NULL,
      receipt TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
    )
  `)
  const find = database.prepare<[number], Charge>(
    'SELECT orderId, amountCents, state, receipt FROM charge WHERE orderId = ?',
  )
  const add = database.prepare('INSERT OR IGNORE INTO charge VALUES (?, ?, ?, ?, ?, ?, ?)')
  const voided = database.prepare(`
    INSERT INTO charge VALUES (?, 0, '', 'voided', '', ?, ?)
    ON CONFLICT (orderId) DO UPDATE SET state = 'voided' WHERE state = 'captured'
  `)
  const prune = database.prepare(
    'DELETE FROM charge WHERE orderId <= (SELECT orderId FROM charge ORDER BY orderId DESC LIMIT 1 OFFSET ?)',
  )

  const told = (charge: Charge): Reply => {
    if (charge.state === 'captured') return { status: 201, body: charge }
    if (charge.state === 'declined') return { status: 402, body: { error: 'The bank declined this card.' } }
    return { status: 409, body: { error: `Order ${charge.orderId} has been given up; it is not charged.` } }
  }

  return {
    async handle({ method, path: [what], body }) {
      if (method === 'POST' && what === 'charges') {
        const orderId = positive(body, 'orderId')
        const amountCents = positive(body, 'amountCents')
        const card = text(body, 'card').slice(-4)
        const known = find.get(orderId)
        if (known) return told(known)
        // the bank: 12 to 40 ms as a rule, one answer in fifty takes longer
        await wait(12 + random() * 28 + (random() < 0.02 ? 80 + random() * 120 : 0))
        const state = card === DECLINED ? 'declined' : 'captured'
        const receipt = createHmac('sha256', 'till')
          .update(`${orderId}:${amountCents}:${card}`)
          .digest('hex')
          .slice(0, 16)
        add.run(orderId, amountCents, card, state, receipt, place.id, now())
        // What is stored decides: the order may have been charged or given up while the bank took its time.
        return told(find.get(orderId) ?? { orderId, amountCents, state, receipt })
      }
      if (method === 'POST' && what === 'voids') {
        const orderId = positive(body, 'orderId')
        voided.run(orderId, place.id, now())
        return { status: 200, body: { orderId, state: find.get(orderId)?.state ?? 'voided' } }
      }
      return notFound
    },
    tasks: [{ everyMs: 20_000, run: () => void prune.run(KEEP) }],
  }
}
