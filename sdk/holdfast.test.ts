import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  ConflictError,
  ConsistencyError,
  ForbiddenError,
  ServiceUnavailableError,
  UnauthenticatedError,
} from '../core/errors.ts'
import { seededRandom } from '../core/random.ts'
import type { Discovered } from './discovered.ts'
import type { HoldfastEvent } from './events.ts'
import { FakeControlPlane, instance } from './fake-control-plane.ts'
import { FakeTime } from './fake-time.ts'
import { Holdfast, type HoldfastOptions } from './holdfast.ts'
import { serve } from './serve.ts'

const PAYMENTS = { name: 'payments', address: '127.0.0.1:4103', id: 'payments-1' }

let plane: FakeControlPlane
let time: FakeTime
let events: HoldfastEvent[]
const open: Holdfast[] = []

beforeEach(async () => {
  plane = new FakeControlPlane()
  time = new FakeTime()
  events = []
  await plane.start()
})

afterEach(async () => {
  for (const holdfast of open.splice(0)) {
    await holdfast.abandon()
  }
  await plane.stop()
})

async function connected(options: Partial<HoldfastOptions> = {}): Promise<Holdfast> {
  const onEvent = (event: HoldfastEvent) => events.push(event)
  const holdfast = new Holdfast({ url: plane.url, onEvent, ...options }, { time, random: seededRandom(1) })
  open.push(holdfast)
  await holdfast.start(10_000)
  return holdfast
}

/** Waits for what real sockets bring; no time of the fake clock passes. */
const until = (condition: () => void) => vi.waitFor(condition, { interval: 2, timeout: 3_000 })
const types = () => events.map((event) => event.type)

/**
 * Lets time pass while the sockets, which know nothing of the fake clock, keep up. Both ends live in this event loop.
 */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    time.advance(Math.min(500, left))
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Waits for the connection to be lost, then lets the time of one retry pass. */
async function reconnect(holdfast: Holdfast): Promise<void> {
  await until(() => expect(holdfast.connected).toBe(false))
  for (let i = 0; i < 200 && !holdfast.connected; i++) {
    time.advance(50)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => expect(holdfast.connected).toBe(true))
}

describe('registration', () => {
  test('registers, then beats every third of the TTL with jitter', async () => {
    const holdfast = await connected({ service: { ...PAYMENTS, ttlMs: 9_000, metadata: { zone: 'a' } } })
    expect(holdfast.instance).toMatchObject({ id: 'payments-1', generation: 1 })
    expect(plane.last('registry.register')?.data).toMatchObject({ zone: 'a', ttlMs: 9_000 })
    time.advance(2_699)
    expect(plane.count('registry.heartbeat')).toBe(0)
    time.advance(602)
    await until(() => expect(plane.count('registry.heartbeat')).toBe(1))
    expect(plane.last('registry.heartbeat')?.data).toEqual({ id: 'payments-1', generation: 1 })
  })

  test('an error of the registry arrives as the class that was thrown', async () => {
    plane.refuse.set('registry.register', new ConflictError('in use', { details: { cause: 'alive' } }))
    const failure = await connected({ service: PAYMENTS }).catch((e: unknown) => e)
    expect(failure).toBeInstanceOf(ConflictError)
    expect(failure).toMatchObject({ code: 'CONFLICT', retryable: false, details: { cause: 'alive' } })
  })

  test('a wrong token is refused as such', async () => {
    plane.token = 'right'
    await expect(connected({ token: 'wrong', service: PAYMENTS })).rejects.toBeInstanceOf(UnauthenticatedError)
    await connected({ token: 'right', service: PAYMENTS })
  })

  test('a broken connection alone does not register again', async () => {
    const holdfast = await connected({ service: PAYMENTS })
    plane.cut()
    await reconnect(holdfast)
    time.advance(1)
    await until(() => expect(plane.count('registry.heartbeat')).toBe(1))
    expect(plane.count('registry.register')).toBe(1)
  })

  test('a registry that forgot gets the registration again', async () => {
    const holdfast = await connected({ service: PAYMENTS })
    plane.instances.clear()
    plane.cut()
    await reconnect(holdfast)
    time.advance(1)
    await until(() => expect(holdfast.instance?.generation).toBe(2))
    expect(events).toContainEqual({ type: 'registered', id: 'payments-1', generation: 2, again: true })
  })

  test('what an operator took out stays out, across reconnects too', async () => {
    const holdfast = await connected({ service: PAYMENTS })
    plane.instances.clear()
    plane.tombstones.add('payments-1')
    await pass(6_000)
    await until(() => expect(holdfast.instance).toBeNull())
    expect(events.at(-1)).toMatchObject({ type: 'deregistered', by: 'operator' })
    plane.cut()
    await reconnect(holdfast)
    await pass(60_000)
    expect(plane.count('registry.register')).toBe(1)
    expect(plane.count('registry.heartbeat')).toBe(1)
  })

  test('a newer process with the same id is not fought', async () => {
    const holdfast = await connected({ service: PAYMENTS })
    plane.put(instance('payments-1', { service: 'payments', generation: 7 }))
    await pass(6_000)
    await until(() => expect(types()).toContain('superseded'))
    expect(holdfast.instance).toBeNull()
    await holdfast.close()
    expect(plane.count('registry.deregister')).toBe(0)
  })

  test('the answer to a registration is lost: the second try is the same operation', async () => {
    plane.mute.add('registry.register')
    const pending = connected({ service: PAYMENTS })
    await until(() => expect(plane.count('registry.register')).toBe(1))
    plane.mute.clear()
    plane.cut()
    await until(() => expect(types()).toContain('disconnected'))
    time.advance(100)
    await pending
    const ids = plane.calls.filter((c) => c.path === 'registry.register').map((c) => c.input.id)
    expect(ids).toHaveLength(2)
    expect(ids[0]).toBe(ids[1])
  })

  test('a heartbeat that fails is tried again within seconds, not after a third of the TTL', async () => {
    await connected({ service: PAYMENTS })
    plane.refuse.set('registry.heartbeat', new ServiceUnavailableError('busy'))
    await pass(5_600)
    await until(() => expect(types()).toContain('problem'))
    await pass(1_500)
    await until(() => expect(plane.count('registry.heartbeat')).toBe(2))
  })

  test('close deregisters and leaves no timer and no connection', async () => {
    const holdfast = await connected({ service: PAYMENTS, follow: ['inventory'] })
    await holdfast.close()
    expect(plane.last('registry.deregister')?.data).toEqual({ id: 'payments-1', generation: 1 })
    expect(events.at(-1)).toMatchObject({ type: 'disconnected', retryInMs: null })
    await until(() => expect(plane.connections).toBe(0))
    expect(time.waiting).toBe(0)
  })

  test('close lets a call in flight finish, and tells of it', async () => {
    let answer = () => {}
    const other = await serve(
      (_, response) => {
        answer = () => response.end('late')
      },
      { signals: false },
    )
    plane.put(instance('inventory-1', { address: other.address }))
    const holdfast = await connected({ service: PAYMENTS, follow: ['inventory'] })
    const pending = holdfast.call('inventory', '/')
    await until(() => expect(other.inFlight).toBe(1))
    const closed = holdfast.close()
    answer()
    expect((await pending).text()).toBe('late')
    await closed
    expect(plane.last('telemetry.report')?.data).toMatchObject({
      edges: [{ callee: 'inventory', count: 1, errors: 0 }],
    })
    await other.stop()
  })

  test('what a service says of itself goes with every heartbeat', async () => {
    const holdfast = await connected({ service: PAYMENTS })
    await holdfast.report('warning', 'database slow')
    expect(plane.last('registry.heartbeat')?.data).toMatchObject({ status: 'warning', note: 'database slow' })
    await pass(6_000)
    await until(() => expect(plane.count('registry.heartbeat')).toBe(2))
    expect(plane.last('registry.heartbeat')?.data).toMatchObject({ status: 'warning' })
  })
})

describe('discover', () => {
  test('follows once, then answers from the local copy, the same list until it changes', async () => {
    plane.put(instance('inventory-1'))
    const holdfast = await connected()
    const first = await holdfast.discover('inventory')
    expect(first.map((i) => i.id)).toEqual(['inventory-1'])
    expect(first).toMatchObject({ level: 'eventual', appliedSeq: 1, staleMs: 0, lastResort: false, total: 1 })
    expect(await holdfast.discover('inventory', { consistency: 'eventual' })).toBe(first)
    plane.put(instance('inventory-2'))
    await until(async () => expect((await holdfast.discover('inventory')).length).toBe(2))
    expect(plane.watches).toHaveLength(1)
    expect(plane.count('registry.discover')).toBe(0)
  })

  test('services asked for in one turn share one subscription', async () => {
    const holdfast = await connected()
    await Promise.all(['a', 'b', 'c'].map((name) => holdfast.discover(name)))
    expect(plane.watches.map((w) => w.services)).toEqual([['a', 'b', 'c']])
  })

  test('past 32 subscriptions one to everything replaces them', async () => {
    plane.put(instance('x-1', { service: 'x7' }))
    const holdfast = await connected()
    for (let i = 0; i < 40; i++) await holdfast.discover(`x${i}`)
    expect(plane.watches).toHaveLength(33)
    expect(plane.watches.at(-1)?.services).toBe('all')
    expect((await holdfast.discover('x7')).length).toBe(1)
  })

  test('filters narrow before last resort is decided', async () => {
    plane.put(instance('inventory-1', { zone: 'a', tags: ['blue'], health: 'unhealthy' }))
    plane.put(instance('inventory-2', { zone: 'b', metadata: { tier: 'gold' } }))
    const holdfast = await connected()
    const ids = async (options: Parameters<Holdfast['discover']>[1]) =>
      (await holdfast.discover('inventory', options)).map((i) => i.id)
    expect(await ids({})).toEqual(['inventory-2'])
    expect(await ids({ health: 'all' })).toEqual(['inventory-1', 'inventory-2'])
    expect(await ids({ metadata: { tier: 'gold' } })).toEqual(['inventory-2'])
    expect(await ids({ tags: ['blue'] })).toEqual(['inventory-1'])
    expect(await holdfast.discover('inventory', { zone: 'a' })).toMatchObject({ lastResort: true, total: 1 })
    expect(await ids({ zone: 'c' })).toEqual([])
  })

  test('cut off, eventual goes on with a growing age and strong refuses', async () => {
    plane.put(instance('inventory-1'))
    const holdfast = await connected()
    const list = await holdfast.discover('inventory')
    await plane.stop()
    await until(() => expect(holdfast.connected).toBe(false))
    time.advance(10)
    expect(list.staleMs).toBeGreaterThanOrEqual(10)
    time.advance(3_990)
    expect(await holdfast.discover('inventory')).toBe(list)
    const age = list.staleMs
    expect(age).toBeGreaterThanOrEqual(4_000)
    time.advance(1_000)
    expect(list.staleMs).toBe(age + 1_000)
    await expect(holdfast.discover('inventory', { consistency: 'strong' })).rejects.toBeInstanceOf(ConsistencyError)
    await expect(holdfast.discover('never-seen')).rejects.toBeInstanceOf(ServiceUnavailableError)
  })

  test('other levels ask the server', async () => {
    plane.put(instance('inventory-1'))
    const holdfast = await connected()
    const list = await holdfast.discover('inventory', { consistency: 'strong', zone: undefined })
    expect(list).toMatchObject({ level: 'strong', appliedSeq: 1 })
    expect(plane.last('registry.discover')).toEqual({ data: { name: 'inventory' }, consistencyLevel: 'strong' })
  })

  test('a name that cannot be is refused here and disturbs nobody else', async () => {
    const holdfast = await connected()
    const [bad, good] = await Promise.allSettled([holdfast.discover('no/such'), holdfast.discover('inventory')])
    expect(bad.status).toBe('rejected')
    expect(good.status).toBe('fulfilled')
  })

  test('a refused subscription fails the first question and is opened again later', async () => {
    plane.token = 'x'
    const holdfast = await connected({ token: 'x' })
    plane.refuse.set('registry.discover', new ForbiddenError('no'))
    await expect(holdfast.discover('a', { consistency: 'readCommitted' })).rejects.toBeInstanceOf(ForbiddenError)
  })
})

describe('the tail', () => {
  test('goes on from its cursor after a break: no gap, no duplicate', async () => {
    plane.put(instance('inventory-1'))
    const holdfast = await connected()
    const seen: string[][] = []
    holdfast.watch('inventory', (list) => seen.push(list.map((i) => i.id)))
    await until(() => expect(seen).toEqual([['inventory-1']]))
    plane.cut()
    await until(() => expect(holdfast.connected).toBe(false))
    plane.put(instance('inventory-2'))
    await reconnect(holdfast)
    await until(() => expect(seen).toEqual([['inventory-1'], ['inventory-1', 'inventory-2']]))
    expect(plane.watches.map((w) => w.lastEventId)).toEqual([undefined, '1'])
  })

  test('takes a new snapshot when the server has forgotten what came in between', async () => {
    plane.put(instance('inventory-1'))
    const holdfast = await connected()
    await holdfast.discover('inventory')
    plane.cut()
    await until(() => expect(holdfast.connected).toBe(false))
    plane.forgetful = true
    plane.remove('inventory-1')
    plane.put(instance('inventory-2'))
    await reconnect(holdfast)
    await until(() => expect(types()).toContain('resync'))
    expect((await holdfast.discover('inventory')).map((i) => i.id)).toEqual(['inventory-2'])
  })

  test('a journal that went backwards does not empty a list at once', async () => {
    plane.put(instance('inventory-1'))
    plane.put(instance('inventory-1'))
    const holdfast = await connected()
    await holdfast.discover('inventory')
    const seen: number[] = []
    holdfast.watch('inventory', (list) => seen.push(list.length))
    plane.cut()
    await until(() => expect(holdfast.connected).toBe(false))
    plane.forgetful = true
    plane.instances.clear()
    plane.seq = 0
    await reconnect(holdfast)
    await until(() => expect(types()).toContain('resync'))
    expect((await holdfast.discover('inventory')).map((i) => i.id)).toEqual(['inventory-1'])
    expect(seen).toEqual([1])
    await pass(30_500)
    expect(await holdfast.discover('inventory')).toHaveLength(0)
    expect(seen).toEqual([1, 0])
  })

  test('a silent control plane is noticed and left', async () => {
    plane.put(instance('inventory-1'))
    const holdfast = await connected()
    const list = await holdfast.discover('inventory')
    plane.silent = true
    await pass(4_500)
    expect(holdfast.connected).toBe(true)
    expect(list.staleMs).toBeGreaterThan(3_500)
    await pass(1_000)
    const left = events.find((e) => e.type === 'disconnected')
    expect(left).toMatchObject({ reason: expect.stringContaining('silent') })
  })

  test('a pause of this process is not taken for silence of the other', async () => {
    const holdfast = await connected()
    time.stall(60_000)
    await pass(10_000)
    expect(holdfast.connected).toBe(true)
    expect(events).toEqual([expect.objectContaining({ type: 'connected' })])
  })
})

describe('watch', () => {
  test('wakes only for what a caller acts on', async () => {
    plane.put(instance('inventory-1'))
    const holdfast = await connected()
    const seen: Discovered[] = []
    const stop = holdfast.watch('inventory', (list) => seen.push(list))
    await until(() => expect(seen).toHaveLength(1))
    plane.put(instance('inventory-1', { checkOutput: '204', lastHeartbeatAt: 5, reason: 'other words', revision: 2 }))
    plane.put(instance('elsewhere-1', { service: 'elsewhere' }))
    plane.put(instance('inventory-1', { health: 'warning', revision: 3 }))
    await until(() => expect(seen).toHaveLength(2))
    expect(seen[1]?.[0]?.health).toBe('warning')
    stop()
    plane.put(instance('inventory-1', { health: 'healthy', revision: 4 }))
    await until(async () => expect((await holdfast.discover('inventory'))[0]?.health).toBe('healthy'))
    expect(seen).toHaveLength(2)
  })

  test('a callback that throws disturbs nobody and is told as a problem', async () => {
    const holdfast = await connected()
    const seen: number[] = []
    holdfast.watch('inventory', () => {
      throw new Error('a defect of the caller')
    })
    holdfast.watch('inventory', (list) => seen.push(list.length))
    await until(() => expect(seen).toEqual([0]))
    expect(events).toContainEqual(expect.objectContaining({ type: 'problem' }))
  })
})
