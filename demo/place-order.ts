/** The saga of an order: stock, money, parcel, message. What operators see of it travels in it; whole card numbers do not. */
import { returns, saga } from '@holdfast/sdk'
import type { Item } from './service.ts'

export interface Order {
  orderId: number
  customer: string
  /** the card's last four digits */
  card: string
  items: Item[]
}

/** A process that dies is noticed within the lease; one that hangs, when its attempt takes too long. */
const brisk = { leaseMs: 3_000, timeoutMs: 12_000, retry: { maxAttempts: 4, initialDelayMs: 150, maxDelayMs: 3_000 } }
const patient = { retry: { maxAttempts: 50, initialDelayMs: 300, maxDelayMs: 10_000 } }

export const placeOrder = saga<Order>('place-order', {
  description: 'Takes an order: sets stock aside, charges the card, sends the parcel, tells the customer.',
  retentionDays: 1,
})
  .step('reserve-stock', {
    ...brisk,
    description: 'Sets what was ordered aside; given back when the order fails.',
    returns: returns<{ totalCents: number }>(),
    undo: patient,
  })
  .step('charge-card', {
    ...brisk,
    description: 'Charges the card, once; refunded when the parcel cannot be sent.',
    input: (at) => ({
      orderId: at.input.orderId,
      card: at.input.card,
      amountCents: at.steps['reserve-stock'].output.totalCents,
    }),
    returns: returns<{ receipt: string }>(),
    undo: { retry: { maxAttempts: 4, initialDelayMs: 300, maxDelayMs: 2_000 } },
    probe: {},
  })
  .step('send-parcel', {
    ...brisk,
    kind: 'pivot',
    description: 'Packs the parcel and hands it to a carrier: from here on there is no way back.',
    returns: returns<{ tracking: string }>(),
    probe: {},
  })
  .step('tell-customer', {
    ...brisk,
    ...patient,
    kind: 'retriable',
    input: (at) => ({ orderId: at.input.orderId, customer: at.input.customer, kind: 'placed' }),
  })
