/** Charges cards through a bank, at most once an order, and refunds them. */
import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type SagaContext, StepFailedError, StepRefusedError, type Undoing } from '@holdfast/sdk'
import { type CreateService, notFound, text } from '../service.ts'

const KEEP = 3_000
/** The card number's last digits that the bank declines. */
const DECLINED = '0002'
/** One order in so many cannot be refunded by machine: the bank's desk is asked, and does not answer the first times. */
const DESK_EVERY = 450
const DESK_FIRST = 40
const DESK_SILENT_TIMES = 4

interface Charge {
  orderId: number
  amountCents: number
  card: string
}

export const payments: CreateService = ({ database, place, now, random }) => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS charge (
      key TEXT PRIMARY KEY, orderId INTEGER NOT NULL, amountCents INTEGER NOT NULL, card TEXT NOT NULL, state TEXT NOT NULL,
      receipt TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
    )
  `)
  const add = database.prepare("INSERT INTO charge VALUES (?, ?, ?, ?, 'captured', ?, ?, ?)")
  const refund = database.prepare("UPDATE charge SET state = 'refunded' WHERE key = ? AND state = 'captured'")
  const prune = database.prepare(
    'DELETE FROM charge WHERE rowid <= (SELECT rowid FROM charge ORDER BY rowid DESC LIMIT 1 OFFSET ?)',
  )

  async function charge({ orderId, amountCents, card }: Charge, ctx: SagaContext): Promise<{ receipt: string }> {
    // the bank: 12 to 40 ms as a rule, one answer in fifty takes longer
    await wait(12 + random() * 28 + (random() < 0.02 ? 80 + random() * 120 : 0))
    if (card === DECLINED) throw new StepRefusedError('CARD_DECLINED', 'The bank declined this card.')
    return ctx.once(() => {
      const receipt = createHmac('sha256', 'till').update(ctx.idempotencyKey).digest('hex').slice(0, 16)
      add.run(ctx.doKey, orderId, amountCents, card, receipt, place.id, now())
      return { receipt }
    })
  }

  async function giveBack({ input }: Undoing<Charge>, ctx: SagaContext): Promise<void> {
    await wait(10 + random() * 20)
    if (input.orderId % DESK_EVERY === DESK_FIRST && ctx.attempt <= DESK_SILENT_TIMES) {
      throw new StepFailedError(
        'REFUND_DESK_SILENT',
        'The bank wants a person to look at this refund. Call the desk, then retry.',
      )
    }
    await ctx.once(() => void refund.run(ctx.doKey))
  }

  return {
    handle({ method, path: [what], body }) {
      // A look at the card, before anything is promised: is it one at all?
      if (method === 'POST' && what === 'checks') {
        const isCard = /^\d{12,19}$/.test(text(body, 'card'))
        return isCard ? { status: 200, body: { ok: true } } : { status: 402, body: { error: 'This is no card.' } }
      }
      return notFound
    },
    tasks: [{ everyMs: 20_000, run: () => void prune.run(KEEP) }],
    work: { 'charge-card': { do: charge, undo: giveBack } },
  }
}
