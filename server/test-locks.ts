/** For tests: locks on a real database file, with a clock that moves only when told to. */
import { pino } from 'pino'
import { FakeClock } from '../core/clock.ts'
import type { Instance } from '../core/instance.ts'
import type { Store } from '../db/store.ts'
import { type TestStore, testStore } from '../db/test-store.ts'
import { Closing } from './api/closing.ts'
import type { AcquireRequest, Lease } from './locks/entry.ts'
import { Locks, type Renewed } from './locks.ts'

export interface TestLocks extends AsyncDisposable {
  clock: FakeClock
  file: TestStore
  locks: Locks
  instances: Map<string, Instance>
  closing: Closing
  acquire(resource: string, session: string, more?: Partial<AcquireRequest>, closing?: Closing): Promise<Lease>
  release(lease: Lease, more?: { owner?: string; fencingToken?: number }): Promise<{ released: boolean; count: number }>
  renew(lease: Lease, more?: { owner?: string; fencingToken?: number }): Promise<Renewed>
  /** lets time pass in steps of a look, renewing `alive` */
  pass(ms: number, alive?: Lease[]): Promise<void>
  holders(resource: string): string[]
  restart(downMs?: number): Promise<void>
}

let made = 0

export async function testLocks(options: { wrap?: (store: Store) => Store } = {}): Promise<TestLocks> {
  const clock = new FakeClock()
  const file = await testStore(clock)
  const instances = new Map<string, Instance>()
  const make = async () => {
    const locks = new Locks({
      store: options.wrap?.(file.store) ?? file.store,
      clock,
      log: pino({ level: 'silent' }),
      instance: (id) => instances.get(id),
    })
    await locks.start()
    return locks
  }
  const t: TestLocks = {
    clock,
    file,
    instances,
    locks: await make(),
    closing: new Closing(),
    acquire(resource, session, more = {}, closing = t.closing) {
      const request: AcquireRequest = {
        resource,
        lockId: `lock-${++made}`,
        session,
        client: session,
        instance: null,
        owner: 'token:fleet',
        label: '',
        kind: 'lock',
        mode: 'exclusive',
        permits: 1,
        of: 1,
        ttlMs: 10_000,
        waitMs: 0,
        lockDelayMs: 0,
        maxHoldMs: null,
        onDeadlock: 'refuse',
        ...more,
      }
      return t.locks.acquire(request, { actor: request.owner, operationId: null }, closing)
    },
    release: ({ resource, lockId, fencingToken }, more = {}) => {
      const owner = more.owner ?? 'token:fleet'
      const wish = { resource, lockId, fencingToken: more.fencingToken ?? fencingToken }
      return t.locks.release(owner, wish, { actor: owner, operationId: null })
    },
    async renew({ resource, lockId, fencingToken }, more = {}) {
      const renewal = { resource, lockId, fencingToken: more.fencingToken ?? fencingToken }
      const [answer] = await t.locks.renew(more.owner ?? 'token:fleet', [renewal])
      return answer as Renewed
    },
    async pass(ms, alive = []) {
      for (let left = ms; left > 0; left -= 100) {
        clock.advance(Math.min(100, left))
        for (const lease of alive) await t.renew(lease)
        await t.locks.tick()
      }
    },
    holders: (resource) => (t.locks.entries.get(resource)?.record.holders ?? []).map(({ session }) => session),
    async restart(downMs = 0) {
      t.locks.stop()
      clock.advance(downMs)
      await file.reopen()
      t.locks = await make()
    },
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]()
    },
  }
  return t
}
