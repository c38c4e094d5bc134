/**
 * L2 and L3: concurrent clients with faults, on a real database file; what they were told is recorded and checked. Time is
 * the fake clock's, so that pauses of a minute and jumps of an hour cost nothing.
 */
import { describe, expect, it } from 'vitest'
import { LockError } from '../core/errors.ts'
import { admits } from '../core/lock.ts'
import { type Random, seededRandom } from '../core/random.ts'
import { Closing } from './api/closing.ts'
import type { Lease } from './locks/entry.ts'
import { type Operation, violation } from './locks/test-linearizable.ts'
import { type TestLocks, testLocks } from './test-locks.ts'

const CLIENTS = 10
const RESOURCES = 8
const TTL_MS = 1_000

/** A register that is protected, or not, by the check of the token. */
class Store {
  value = 0
  accepted = 0
  refused = 0
  #highest = 0
  readonly #fenced: boolean

  constructor(fenced: boolean) {
    this.#fenced = fenced
  }

  /** Reading under the lock shows the token too: from here on an older holder cannot write. */
  read(token: number): number | null {
    if (!this.#admit(token)) return null
    return this.value
  }

  write(token: number, value: number): void {
    if (!this.#admit(token)) return
    this.accepted += 1
    this.value = value
  }

  #admit(token: number): boolean {
    if (this.#fenced && !admits(this.#highest, token)) {
      this.refused += 1
      return false
    }
    this.#highest = Math.max(this.#highest, token)
    return true
  }
}

class World {
  readonly histories = new Map<string, Operation[]>()
  readonly stores: Store[]
  operations = 0
  #order = 0
  readonly t: TestLocks
  readonly random: Random

  constructor(t: TestLocks, random: Random, fenced: boolean) {
    this.t = t
    this.random = random
    this.stores = Array.from({ length: RESOURCES }, () => new Store(fenced))
  }

  async record(
    resource: number,
    base: Pick<Operation, 'client' | 'kind' | 'token'>,
    run: () => Promise<{ token: number; answer: Operation['answer'] }>,
  ): Promise<void> {
    this.operations += 1
    const call = ++this.#order
    const callAt = this.t.clock.monotonic()
    let end: { token: number; answer: Operation['answer'] }
    try {
      end = await run()
    } catch {
      end = { token: base.token, answer: 'unknown' }
    }
    const operation: Operation = {
      ...base,
      ...end,
      call,
      callAt,
      return: end.answer === 'unknown' ? Number.POSITIVE_INFINITY : ++this.#order,
      returnAt: end.answer === 'unknown' ? Number.POSITIVE_INFINITY : this.t.clock.monotonic(),
      ttlMs: TTL_MS,
    }
    const history = this.histories.get(String(resource)) ?? []
    history.push(operation)
    this.histories.set(String(resource), history)
  }
}

/** Lets verbs and their answers run; no time passes. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

async function client(world: World, name: string, steps: number): Promise<void> {
  const { t, random } = world
  for (let step = 0; step < steps; step++) {
    const at = Math.floor(random() * RESOURCES)
    const resource = `r${at}`
    const store = world.stores[at] as Store
    const closing = new Closing()
    let lease: Lease | null = null
    await world.record(at, { client: name, kind: 'acquire', token: 0 }, async () => {
      const waitMs = random() < 0.5 ? 0 : 2_000
      const asked = t.acquire(resource, `${name}-${step}`, { ttlMs: TTL_MS, waitMs }, closing)
      // Now and then the caller goes away while it waits.
      if (waitMs > 0 && random() < 0.05) void turn().then(() => closing.close())
      lease = await asked
      return { token: lease.fencingToken, answer: 'ok' }
    })
    // Not assigned where the compiler can see it.
    const held = lease as Lease | null
    if (!held) {
      await turn()
      continue
    }
    const token = held.fencingToken
    const before = store.read(token)
    const pause = random()
    if (pause < 0.02) {
      // Paused for longer than the lease, and none the wiser.
      const until = t.clock.monotonic() + TTL_MS * 2.5
      while (t.clock.monotonic() < until) await turn()
    } else if (pause < 0.3) {
      for (let i = 0; i < 3; i++) await turn()
      await world.record(at, { client: name, kind: 'renew', token }, async () => {
        const { ok } = await t.renew(held)
        return { token, answer: ok ? 'ok' : 'gone' }
      })
    } else await turn()
    if (before !== null) store.write(token, before + 1)
    if (random() < 0.03) continue
    await world.record(at, { client: name, kind: 'release', token }, async () => {
      try {
        await t.release(held)
        return { token, answer: 'ok' }
      } catch (error) {
        if (error instanceof LockError && error.details?.cause === 'gone') return { token, answer: 'gone' }
        throw error
      }
    })
  }
}

async function run(seed: number, steps: number, fenced: boolean): Promise<World> {
  await using t = await testLocks()
  const random = seededRandom(seed)
  const world = new World(t, random, fenced)
  let going = CLIENTS
  const clients = Array.from({ length: CLIENTS }, (_, i) =>
    client(world, `c${i}`, steps).finally(() => {
      going -= 1
    }),
  )
  while (going > 0) {
    t.clock.advance(5 + random() * 30)
    const chance = random()
    if (chance < 0.01) t.clock.jumpWall((random() < 0.5 ? -1 : 1) * 3_600_000)
    if (chance > 0.998) {
      // It stood still, or was stopped and started again: renewals are late through no fault of the holders.
      t.clock.advance(5_000)
    }
    await t.locks.tick()
    await turn()
  }
  await Promise.all(clients)
  return world
}

describe('concurrent clients with faults', () => {
  it('L2: the history is linearizable to a leased mutex; L3: no update is lost', { timeout: 120_000 }, async () => {
    let operations = 0
    let refused = 0
    for (let seed = 1; seed <= 10; seed++) {
      const world = await run(seed, 600, true)
      operations += world.operations
      for (const [resource, history] of world.histories) {
        expect(violation(history), `seed ${seed}, resource ${resource}`).toBeNull()
      }
      for (const store of world.stores) {
        expect(store.value, `seed ${seed}: accepted writes`).toBe(store.accepted)
        refused += store.refused
      }
    }
    expect(refused, 'late writes of stale holders').toBeGreaterThan(0)
    expect(operations).toBeGreaterThan(100_000)
  })

  it('the control: without the check at the resource updates are lost, and this test sees it', async () => {
    const world = await run(1, 600, false)
    expect(world.stores.some((store) => store.value < store.accepted)).toBe(true)
  })
})
