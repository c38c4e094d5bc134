import { BreakerOpenError } from '@holdfast/sdk'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Place, ROSTER, type ServiceName } from '../roster.ts'
import type { Call, CreateService, Incoming, Locks, Reply, Service } from '../service.ts'
import { inventory } from './inventory.ts'
import { notifications } from './notifications.ts'
import { orders } from './orders.ts'
import { payments } from './payments.ts'
import { shipping } from './shipping.ts'

/** Nobody else is there. */
const ALONE: Locks = {
  lock: async (resource, _options, work) =>
    work({
      resource,
      fencingToken: 1,
      signal: new AbortController().signal,
      held: true,
      waitedMs: 0,
      release: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    }),
  elect: () => ({ isLeader: true }),
}

/** The services as they call each other, without the network between them. */
class Town {
  now = 1_000_000
  readonly services = new Map<ServiceName, Service>()
  readonly databases = new Map<ServiceName, Database.Database>()
  /** makes a service answer with this, or not at all */
  readonly broken = new Map<ServiceName, Reply | 'silent' | 'open'>()
  readonly said: string[] = []

  readonly call: Call = async (service, path, { body } = {}) => {
    const broken = this.broken.get(service)
    if (broken === 'open') throw new BreakerOpenError(`The breaker of ${service} is open`)
    if (broken === 'silent') throw new Error(`${service} did not answer`)
    if (broken) return broken
    return await this.ask(service, body === undefined ? 'GET' : 'POST', path, body)
  }

  open(name: ServiceName, create: CreateService): void {
    const database = this.databases.get(name) ?? new Database(':memory:')
    this.databases.set(name, database)
    const place = ROSTER.find((p) => p.service === name) as Place
    const { call } = this
    const now = () => this.now
    this.services.set(
      name,
      create({ place, database, call, locks: ALONE, now, random: () => 0.5, log: (text) => this.said.push(text) }),
    )
  }

  async ask(service: ServiceName, method: string, path: string, body?: unknown): Promise<Reply> {
    const url = new URL(path, 'http://town')
    const incoming: Incoming = { method, path: url.pathname.split('/').filter(Boolean), query: url.searchParams, body }
    return await (this.services.get(service) as Service).handle(incoming)
  }

  async runTasks(service: ServiceName): Promise<void> {
    for (const task of (this.services.get(service) as Service).tasks) await task.run()
  }

  row<T>(service: ServiceName, sql: string): T {
    return this.databases.get(service)?.prepare(sql).get() as T
  }
}

let town: Town
const order = { customer: 'ada', card: '4242424242424242', items: [{ sku: 'mug-01', quantity: 2 }] }
const state = () => town.row<{ state: string }>('orders', 'SELECT state FROM "order" ORDER BY id DESC').state
const mugs = () =>
  town.row<{ quantity: number }>('inventory', "SELECT quantity FROM product WHERE sku = 'mug-01'").quantity
const charge = () =>
  town.row<{ state: string } | undefined>('payments', 'SELECT state FROM charge ORDER BY orderId DESC')

beforeEach(() => {
  town = new Town()
  town.open('inventory', inventory)
  town.open('payments', payments)
  town.open('notifications', notifications)
  town.open('shipping', shipping)
  town.open('orders', orders)
})

describe('an order', () => {
  it('goes through stock, payment, shipping and a message', async () => {
    const before = mugs()
    const placed = await town.ask('orders', 'POST', '/orders', order)
    expect(placed).toMatchObject({ status: 201, body: { totalCents: 2_400, state: 'shipped' } })
    expect(mugs()).toBe(before - 2)
    expect(charge()?.state).toBe('captured')
    expect(town.row('notifications', 'SELECT kind FROM message')).toEqual({ kind: 'placed' })
  })

  it('for more than there is, is refused and takes nothing', async () => {
    const before = mugs()
    const wanted = {
      ...order,
      items: [
        { sku: 'lamp-01', quantity: 1 },
        { sku: 'mug-01', quantity: 9_999 },
      ],
    }
    expect((await town.ask('orders', 'POST', '/orders', wanted)).status).toBe(409)
    expect([mugs(), state(), charge()]).toEqual([before, 'rejected', undefined])
    const lamps = town.row<{ quantity: number }>('inventory', "SELECT quantity FROM product WHERE sku = 'lamp-01'")
    expect(lamps.quantity).toBe(before)
  })

  it('with a card that is declined, gives its stock back', async () => {
    const before = mugs()
    expect((await town.ask('orders', 'POST', '/orders', { ...order, card: '4000000000000002' })).status).toBe(402)
    await new Promise((resolve) => setImmediate(resolve))
    expect([mugs(), state(), charge()?.state]).toEqual([before, 'failed', 'declined'])
  })

  it('whose payment does not answer, is undone, however long that takes', async () => {
    const before = mugs()
    town.broken.set('payments', 'silent')
    expect((await town.ask('orders', 'POST', '/orders', order)).status).toBe(503)
    await new Promise((resolve) => setImmediate(resolve))
    expect(state()).toBe('undoing')
    town.now += 10_000
    await town.runTasks('orders')
    expect(state()).toBe('undoing')
    town.broken.delete('payments')
    town.now += 10_000
    await town.runTasks('orders')
    expect([mugs(), state(), charge()?.state]).toEqual([before, 'failed', 'voided'])
  })

  it('is taken without payment while the breaker of payments is open, and paid when it is closed again', async () => {
    town.broken.set('payments', 'open')
    expect(await town.ask('orders', 'POST', '/orders', order)).toMatchObject({ status: 201, body: { state: 'unpaid' } })
    town.now += 10_000
    await town.runTasks('orders')
    expect([state(), charge()]).toEqual(['unpaid', undefined])
    town.broken.delete('payments')
    town.now += 10_000
    await town.runTasks('orders')
    expect([state(), charge()?.state]).toEqual(['shipped', 'captured'])
  })

  it('that was taken without payment and cannot be paid, gives its stock back', async () => {
    const before = mugs()
    town.broken.set('payments', 'open')
    await town.ask('orders', 'POST', '/orders', { ...order, card: '4000000000000002' })
    town.broken.delete('payments')
    town.now += 10_000
    await town.runTasks('orders')
    expect([mugs(), state()]).toEqual([before, 'failed'])
  })

  it('that was given up, is not charged by a request that comes late', async () => {
    await town.ask('payments', 'POST', '/voids', { orderId: 7 })
    const late = await town.ask('payments', 'POST', '/charges', { orderId: 7, amountCents: 100, card: '4242' })
    expect(late.status).toBe(409)
    await town.ask('inventory', 'POST', '/releases', { orderId: 7 })
    const before = mugs()
    const stock = await town.ask('inventory', 'POST', '/reservations', { orderId: 7, items: order.items })
    expect([stock.status, mugs()]).toEqual([409, before])
  })

  it('that is paid while shipping is away, is accepted, and packed when shipping is back', async () => {
    town.broken.set('shipping', 'silent')
    expect((await town.ask('orders', 'POST', '/orders', order)).status).toBe(201)
    expect(state()).toBe('paid')
    town.broken.delete('shipping')
    town.now += 10_000
    await town.runTasks('orders')
    expect(state()).toBe('shipped')
  })

  it('that a killed process had begun, is undone by its sibling', async () => {
    const before = mugs()
    town.databases
      .get('orders')
      ?.prepare(`INSERT INTO "order" (customer, items, state, at, touchedAt) VALUES ('ada', '[]', 'new', ?, ?)`)
      .run(town.now, town.now)
    await town.ask('inventory', 'POST', '/reservations', { orderId: 1, items: order.items })
    town.now += 10_000
    town.open('orders', orders)
    await town.runTasks('orders')
    expect([mugs(), state()]).toEqual([before, 'failed'])
  })
})

describe('asked twice', () => {
  it('stock is set aside once, and a card charged once', async () => {
    const before = mugs()
    const reservation = { orderId: 3, items: order.items }
    await town.ask('inventory', 'POST', '/reservations', reservation)
    expect((await town.ask('inventory', 'POST', '/reservations', reservation)).status).toBe(200)
    expect(mugs()).toBe(before - 2)
    const wanted = { orderId: 3, amountCents: 2_400, card: '4242' }
    const [first, second] = await Promise.all([
      town.ask('payments', 'POST', '/charges', wanted),
      town.ask('payments', 'POST', '/charges', wanted),
    ])
    expect(first).toEqual(second)
    expect(town.row('payments', 'SELECT count(*) AS n FROM charge')).toEqual({ n: 1 })
  })
})

describe('a parcel', () => {
  it('is followed to the door, and its customer told at each step', async () => {
    await town.ask('orders', 'POST', '/orders', order)
    for (let i = 0; i < 4; i++) {
      town.now += 61_000
      await town.runTasks('shipping')
    }
    expect(town.row('shipping', 'SELECT state FROM shipment')).toEqual({ state: 'delivered' })
    const { body } = await town.ask('notifications', 'GET', '/messages?order=1')
    expect((body as { messages: { kind: string }[] }).messages.map((m) => m.kind)).toEqual([
      'placed',
      'sent',
      'delivered',
    ])
  })

  it('waits while its message cannot be sent', async () => {
    await town.ask('orders', 'POST', '/orders', order)
    town.broken.set('notifications', { status: 500, body: {} })
    town.now += 61_000
    await town.runTasks('shipping')
    expect(town.row('shipping', 'SELECT state FROM shipment')).toEqual({ state: 'packed' })
  })
})

describe('what is kept', () => {
  it('is bounded', async () => {
    const insert = town.databases
      .get('payments')
      ?.prepare("INSERT INTO charge VALUES (?, 1, '', 'captured', '', '', 0)")
    for (let i = 1; i <= 5_000; i++) insert?.run(i)
    await town.runTasks('payments')
    expect(town.row('payments', 'SELECT count(*) AS n, max(orderId) AS last FROM charge')).toEqual({
      n: 3_000,
      last: 5_000,
    })
  })
})
