/** One process of the demo fleet: `fleet <service> <number>`. An ordinary service that uses the SDK. */
import { setTimeout as wait } from 'node:timers/promises'
import {
  ConflictError,
  type ConnectOptions,
  connect,
  type Holdfast,
  type HoldfastEvent,
  type HttpService,
  serve,
  sqliteLedger,
} from '@holdfast/sdk'
import { answering } from './answer.ts'
import { Faults } from './faults.ts'
import type { FleetCommand, FleetEvent } from './messages.ts'
import { type Place, placeOf, SERVICES, type ServiceName } from './roster.ts'
import type { Call, CreateService, Locks, Task, Transactions } from './service.ts'
import { inventory } from './services/inventory.ts'
import { notifications } from './services/notifications.ts'
import { orders } from './services/orders.ts'
import { payments } from './services/payments.ts'
import { shipping } from './services/shipping.ts'
import { storefront } from './services/storefront.ts'
import { setting } from './settings.ts'
import { openDatabase } from './storage.ts'
import { faulty } from './work.ts'

const CREATE: Record<ServiceName, CreateService> = { storefront, orders, inventory, payments, shipping, notifications }

/** Whom each service calls; followed from the start, so that the first call waits for nothing. */
const CALLS: Record<ServiceName, ServiceName[]> = {
  storefront: ['orders', 'inventory'],
  orders: ['inventory', 'payments', 'shipping', 'notifications'],
  shipping: ['notifications'],
  inventory: [],
  payments: [],
  notifications: [],
}

const CALL_WITHIN_MS = 1_800
/** Longer than its TTL. */
const JOIN_WITHIN_MS = 10_000
const JOIN_AGAIN_MS = 500
const DRAIN_WITHIN_MS = 1_500
const WORK_AT_ONCE = 32
/** Longer than an order that nobody cares for stays open. */
const LEDGER_KEEP_MS = 24 * 3_600_000
/** With the director gone nobody is left to end this process, so it does so itself. */
const END_WITHIN_MS = 2_500

const now = () => performance.timeOrigin + performance.now()

async function main(place: Place): Promise<void> {
  const log = (message: string): void => console.error(`${place.id}: ${message}`)
  const faults = new Faults(() => performance.now(), Math.random)
  const database = openDatabase(setting('HOLDFAST_DEMO_DIR', 'data/demo'), place.service)
  const call: Call = async (service, path, { body, timeoutMs = CALL_WITHIN_MS, idempotent = true } = {}) => {
    const response = await holdfast.call(service, path, { body, timeoutMs, idempotent })
    return { status: response.status, body: response.json() }
  }
  const wall = () => Math.round(now())
  const locks: Locks = {
    lock: (name, options, work) => holdfast.lock(name, options, work),
    elect: (name, options) => holdfast.elect(name, options),
  }
  const sagas: Transactions = { start: (saga, input, options) => holdfast.sagas.start(saga, input, options) }
  const service = CREATE[place.service]({ place, database, call, locks, sagas, now: wall, random: Math.random, log })
  const server = await listen(
    Number(setting('HOLDFAST_DEMO_PORT', '0')),
    faults,
    answering(service, faults, log),
    SERVICES[place.service].concurrency,
  )
  const { tags, team, about } = SERVICES[place.service]
  const holdfast = await join({
    url: setting('HOLDFAST_URL', 'http://127.0.0.1:3000'),
    token: setting('HOLDFAST_TOKEN', ''),
    server,
    follow: CALLS[place.service],
    drainNoticeMs: 150,
    onEvent: (event) => tellOf(event, log),
    service: {
      id: place.id,
      name: place.service,
      address: server.address,
      zone: place.zone,
      version: place.version,
      weight: place.weight,
      tags,
      metadata: { team, about, runtime: `node ${process.versions.node}`, pid: String(process.pid) },
      ttlMs: 6_000,
      check: { http: '/healthz', intervalMs: 2_000, timeoutMs: 1_500, successThreshold: 2, failureThreshold: 2 },
    },
  })

  for (const definition of service.sagas ?? []) await holdfast.sagas.define(definition)
  if (service.work) {
    holdfast.sagas.worker(faulty(service.work, faults), {
      concurrency: WORK_AT_ONCE,
      ledger: sqliteLedger(database, { keepMs: LEDGER_KEEP_MS }),
      drainTimeoutMs: DRAIN_WITHIN_MS / 3,
    })
  }
  const running = service.tasks.map((task) => repeat(task, log))
  end = (): void => {
    end = () => undefined
    setTimeout(() => process.exit(1), END_WITHIN_MS).unref()
    for (const stop of running) stop()
    void holdfast.close().finally(() => {
      database.close()
      process.exit(0)
    })
  }
  process.on('message', (command: FleetCommand) => {
    if (command.type === 'deadlock') {
      moveStock(locks, place.id, command).catch((error: Error) => log(error.message))
      return
    }
    faults.mode = command.mode
    say({ type: 'mode', mode: command.mode })
  })
  say({ type: 'ready', port: server.port })
}

/** Takes two locks, one after the other: with another process that begins at the other end, none of them can go on. */
async function moveStock(
  locks: Locks,
  label: string,
  { first, second, patienceMs }: Extract<FleetCommand, { type: 'deadlock' }>,
): Promise<void> {
  await locks.lock(first, { waitMs: 10_000, label }, async () => {
    await wait(1_000)
    await locks.lock(second, { waitMs: patienceMs, label, onDeadlock: 'wait' }, () => undefined)
  })
}

/**
 * Connects and registers. Started again right after a kill, its id still belongs to the process that is gone, until the
 * registry has noticed; then it is tried again.
 */
async function join(options: ConnectOptions): Promise<Holdfast> {
  const begun = performance.now()
  for (;;) {
    try {
      return await connect(options)
    } catch (error) {
      if (!(error instanceof ConflictError) || performance.now() - begun > JOIN_WITHIN_MS) throw error
      await wait(JOIN_AGAIN_MS)
    }
  }
}

/** On the port it had before, when that is still free. */
async function listen(
  port: number,
  faults: Faults,
  handler: ReturnType<typeof answering>,
  concurrencyMax: number,
): Promise<HttpService> {
  const options = {
    health: () => faults.health(),
    concurrencyMax,
    queueMax: 256,
    drainTimeoutMs: DRAIN_WITHIN_MS,
    signals: false,
  } as const
  try {
    return await serve(handler, { ...options, port })
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return await serve(handler, { ...options, port: 0 })
  }
}

/** Runs a task again and again, each time after the one before has ended. Returns what stops it. */
function repeat(task: Task, log: (message: string) => void): () => void {
  let timer: NodeJS.Timeout
  let stopped = false
  const again = async (): Promise<void> => {
    try {
      await task.run()
    } catch (error) {
      log(error instanceof Error ? error.message : String(error))
    }
    if (!stopped) timer = setTimeout(again, task.everyMs)
  }
  timer = setTimeout(again, task.everyMs * (0.5 + Math.random() / 2))
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

function tellOf(event: HoldfastEvent, log: (message: string) => void): void {
  if (event.type === 'deregistered' && event.by === 'operator') log(event.message)
  if (event.type === 'superseded') log(event.message)
}

function say(event: FleetEvent): void {
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined)
}

/** What ends this process: nothing is to be tidied up before it has joined. */
let end = (): void => process.exit(0)

process.on('SIGTERM', () => end())
process.on('disconnect', () => end())
// Ctrl-C reaches the whole group of processes; the director decides what it means.
process.on('SIGINT', () => undefined)

const [service = '', number = ''] = process.argv.slice(2)
const place = placeOf(service, Number(number))
if (!place) {
  console.error(`There is no "${service} ${number}" in the fleet.`)
  process.exit(2)
}
main(place).catch((error: unknown) => {
  console.error(`${place.id}: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
