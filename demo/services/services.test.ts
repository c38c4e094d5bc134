import { BreakerOpenError, memoryLedger, NetworkError, type SagaHandlers, TimeoutError } from '@holdfast/sdk'
import { gives, hangs, type Rehearsal, rehearse, type Script, unknown } from '@holdfast/sdk/testing'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Place, ROSTER, type ServiceName } from '../roster.ts'
import type { Call, CreateService, Incoming, Locks, Reply, Service, Transactions } from '../service.ts'
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

function resultOf({ status, output, run, tookMs }: Rehearsal, timeoutMs: number) {
  if (tookMs > timeoutMs) throw new TimeoutError('It takes longer')
  const { id: runId, error, attention } = run
  return { runId, done: run.endedAt !== null, status, output, error, attention }
}

/** The services as they call each other, without the network between them. */
class Town {
  now = 1_000_000
  readonly services = new Map<ServiceName, Service>()
  readonly databases = new Map<ServiceName, Database.Database>()
  /** makes a service answer with this, or not at all */
  readonly broken = new Map<ServiceName, Reply | 'silent' | 'open'>()
  readonly said: string[] = []
  /** how attempts of steps end, whatever the services say */
  script: Script = {}
  /** the control plane cannot be reached */
  away = false
  readonly runs = new Map<string, Rehearsal>()
  readonly #ledger = memoryLedger()

  /** The control plane: runs every saga at once, through the real services. */
  readonly sagas: Transactions = {
    start: async (definition, input, { idempotencyKey = '' }) => {
      if (this.away) throw new NetworkError('The control plane is away')
      const runId = `run-${this.runs.size + 1}`
      const handlers: SagaHandlers = Object.assign({}, ...[...this.services.values()].map((service) => service.work))
      const rehearsal =
        this.runs.get(idempotencyKey) ??
        (await rehearse(definition, { input, runId, handlers, script: this.script, ledger: this.#ledger }))
      this.runs.set(idempotencyKey, rehearsal)
      return { runId, result: async ({ timeoutMs = 0 } = {}) => resultOf(rehearsal, timeoutMs) as never }
    },
  }

  get last(): Rehearsal {
    return [...this.runs.values()].at(-1) as Rehearsal
  }

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
      create({
        place,
        database,
        call,
        locks: ALONE,
        sagas: this.sagas,
        now,
        random: () => 0.5,
        log: (text) => this.said.push(text),
      }),
    )
  }

  async ask(service: ServiceName, method: string, path: string, body?: unknown): Promise<Reply> {
    const url = new URL(path, 'http://town')
    const incoming: Incoming = {
      method,
      path: url.pathname.split('/').filter(Boolean),
      query: url.searchParams,
      body,
    }
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
const charge = () => town.row<{ state: string } | undefined>('payments', 'SELECT state FROM charge ORDER BY rowid DESC')

beforeEach(() => {
  town = new Town()
  town.open('inventory', inventory)
  town.open('payments', payments)
  town.open('notifications', notifications)
  town.open('shipping', shipping)
  town.open('orders', orders)
})

describe('an order', () => {
  test('goes through stock, payment, shipping and a message', async () => {
    const before = mugs()
    const placed = await town.ask('orders', 'POST', '/orders', order)
    expect(placed).toMatchObject({ status: 201, body: { totalCents: 2_400, days: 1, state: 'shipped' } })
    expect(town.last.trace).toEqual(['reserve-stock', 'charge-card', 'send-parcel', 'tell-customer'])
    expect([mugs(), charge()?.state]).toEqual([before - 2, 'captured'])
    expect(town.row('notifications', "SELECT count(*) AS n FROM message WHERE kind = 'placed'")).toEqual({ n: 1 })
  })

  test('for more than there is, is refused and takes nothing', async () => {
    const before = mugs()
    const wanted = {
      ...order,
      items: [
        { sku: 'lamp-01', quantity: 1 },
        { sku: 'mug-01', quantity: 9_999 },
      ],
    }
    expect((await town.ask('orders', 'POST', '/orders', wanted)).status).toBe(409)
    // Sold while it was placed: the quote was fine, the shelf is not.
    const twice = { ...order, items: [order.items[0], { sku: 'mug-01', quantity: before - 1 }] }
    expect((await town.ask('orders', 'POST', '/orders', twice)).status).toBe(409)
    expect([mugs(), state(), charge()]).toEqual([before, 'rejected', undefined])
  })

  test('with a card that is declined, gives its stock back', async () => {
    const before = mugs()
    const declined = await town.ask('orders', 'POST', '/orders', { ...order, card: '4000000000000002' })
    expect(declined).toEqual({ status: 402, body: { error: 'The bank declined this card.', orderId: 1 } })
    expect([mugs(), state(), charge()]).toEqual([before, 'failed', undefined])
    expect((await town.ask('orders', 'POST', '/orders', { ...order, card: 'none' })).status).toBe(402)
  })

  test('whose parcel nobody takes, is refunded and gives its stock back', async () => {
    const before = mugs()
    const orders = town.databases.get('orders')
    orders?.exec(`INSERT INTO sqlite_sequence (name, seq) VALUES ('order', 39)`)
    const placed = await town.ask('orders', 'POST', '/orders', order)
    // The first of these is the one whose refund waits for a person.
    expect(placed).toMatchObject({ status: 201, body: { orderId: 40, state: 'placed' } })
    expect(town.last).toMatchObject({ status: 'stuck' })
    expect(town.last.run.attention).toContain('the undo of charge-card is stuck')
    orders?.exec('UPDATE sqlite_sequence SET seq = 89')
    expect(await town.ask('orders', 'POST', '/orders', order)).toMatchObject({ status: 503 })
    expect(town.last.trace.slice(-2)).toEqual(['undo charge-card', 'undo reserve-stock'])
    expect([mugs(), state(), charge()?.state]).toEqual([before - 2, 'failed', 'refunded'])
  })

  test('whose charge may have happened is refunded, or kept when the till knows', async () => {
    const before = mugs()
    const tried = ['reserve-stock', ...Array.from({ length: 4 }, () => 'charge-card'), 'probe charge-card']
    for (const [answer, undone] of [
      [{ done: false, final: true }, ['undo reserve-stock']],
      [{ done: false }, ['undo charge-card', 'undo reserve-stock']],
    ] as const) {
      town.script = { 'charge-card': unknown('SERVICE_FAILED'), 'probe charge-card': gives(answer) }
      town.now += 1
      await town.ask('orders', 'POST', '/orders', order)
      expect(town.last.trace).toEqual([...tried, ...undone])
      expect(mugs()).toBe(before)
    }
  })

  test('is refused while payments fail, and taken without a look at the card while their breaker is open', async () => {
    town.broken.set('payments', { status: 500, body: {} })
    expect((await town.ask('orders', 'POST', '/orders', order)).status).toBe(503)
    town.broken.set('payments', 'open')
    expect(await town.ask('orders', 'POST', '/orders', order)).toMatchObject({ status: 201 })
  })

  test('is written down while the control plane is away, and begun once when it is back', async () => {
    town.away = true
    expect(await town.ask('orders', 'POST', '/orders', order)).toMatchObject({ status: 201, body: { state: 'new' } })
    town.now += 10_000
    await town.runTasks('orders')
    expect([state(), town.runs.size]).toEqual(['new', 0])
    town.away = false
    town.now += 10_000
    await town.runTasks('orders')
    expect([state(), town.runs.size]).toEqual(['shipped', 1])
    // As if the process had died before it wrote the answer down.
    town.databases.get('orders')?.prepare(`UPDATE "order" SET state = 'new'`).run()
    town.now += 10_000
    await town.runTasks('orders')
    expect([state(), town.runs.size]).toEqual(['shipped', 1])
  })

  test('that is a gift takes longer than the customer waits, and is accepted', async () => {
    town.script = { 'send-parcel': hangs() }
    expect(await town.ask('orders', 'POST', '/orders', order)).toMatchObject({ status: 201, body: { state: 'placed' } })
  })
})

describe('a parcel', () => {
  test('is followed to the door, and its customer told at each step', async () => {
    await town.ask('orders', 'POST', '/orders', order)
    for (let i = 0; i < 4; i++) {
      town.now += 61_000
      await town.runTasks('shipping')
    }
    expect(town.row('shipping', 'SELECT state FROM shipment')).toEqual({ state: 'delivered' })
    const { body } = await town.ask('notifications', 'GET', '/messages?order=1')
    expect((body as { messages: { kind: string }[] }).messages.map((m) => m.kind)).toEqual([
      'placed',
      'received',
      'sent',
      'delivered',
    ])
  })

  test('waits while its message cannot be sent', async () => {
    await town.ask('orders', 'POST', '/orders', order)
    town.broken.set('notifications', { status: 500, body: {} })
    town.now += 61_000
    await town.runTasks('shipping')
    expect(town.row('shipping', 'SELECT state FROM shipment')).toEqual({ state: 'packed' })
  })
})

describe('what is kept', () => {
  test('is bounded', async () => {
    const insert = town.databases
      .get('payments')
      ?.prepare("INSERT INTO charge VALUES (?, ?, 1, '', 'captured', '', '', 0)")
    for (let i = 1; i <= 5_000; i++) insert?.run(`order ${i}`, i)
    await town.runTasks('payments')
    expect(town.row('payments', 'SELECT count(*) AS n, max(orderId) AS last FROM charge')).toEqual({
      n: 3_000,
      last: 5_000,
    })
  })
})
