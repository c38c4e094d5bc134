import { describe, expect, it } from 'vitest'
import { LockError } from '../core/errors.ts'
import type { JournalEvent } from '../core/event.ts'
import type { Instance } from '../core/instance.ts'
import { admits, epochOf, nextToken, TOKENS_PER_EPOCH } from '../core/lock.ts'
import { crowded } from '../db/test-store.ts'
import { Closing } from './api/closing.ts'
import { RESTORED } from './locks/floor.ts'
import { lockView, waitGraph } from './locks/views.ts'
import { SYSTEM } from './principal.ts'
import { type TestLocks, testLocks } from './test-locks.ts'

const caught = (promise: Promise<unknown>) => promise.then(() => null).catch((error: unknown) => error as LockError)
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
const waiting = { waitMs: 60_000 }

async function eventsOf(t: TestLocks, resource: string): Promise<JournalEvent[]> {
  const events = await t.file.store.read((tx) => tx.q.journal.list({ key: `lock/${resource}`, limit: 500 }))
  return events.reverse()
}

describe('one holder', () => {
  it('holds, refuses the second by name, and hands over', async () => {
    await using t = await testLocks()
    const a = await t.acquire('invoice:42', 'ada', { label: 'ada of billing' })
    const refused = await caught(t.acquire('invoice:42', 'bob'))
    expect(refused).toBeInstanceOf(LockError)
    expect(refused?.message).toContain('held by ada of billing (token 1)')
    expect(refused?.details).toMatchObject({ cause: 'held', holder: 'ada' })
    expect(await t.release(a)).toEqual({ released: true, count: 0 })
    const b = await t.acquire('invoice:42', 'bob')
    expect(b.fencingToken).toBeGreaterThan(a.fencingToken)
    expect((await eventsOf(t, 'invoice:42')).map(({ kind }) => kind)).toEqual([
      'lock.acquired',
      'lock.released',
      'lock.acquired',
    ])
  })

  it('answers the same lease to the same lockId: the reply was lost', async () => {
    await using t = await testLocks()
    const first = await t.acquire('a', 'ada', { lockId: 'the-same-id' })
    const again = await t.acquire('a', 'ada', { lockId: 'the-same-id' })
    expect(again).toMatchObject({ lockId: first.lockId, fencingToken: first.fencingToken, count: 1 })
    expect(await eventsOf(t, 'a')).toHaveLength(1)
  })

  it('a waiter that asks again over a new connection keeps its place', async () => {
    await using t = await testLocks()
    const held = await t.acquire('a', 'ada')
    const lost = caught(t.acquire('a', 'bob', { ...waiting, lockId: 'bobs-request' }))
    const second = t.acquire('a', 'eve', waiting)
    const again = t.acquire('a', 'bob', { ...waiting, lockId: 'bobs-request' })
    expect((await lost)?.message).toContain('asked for again')
    await t.release(held)
    expect((await again).lockId).toBe('bobs-request')
    expect(t.holders('a')).toEqual(['bob'])
    await t.release(await again)
    expect((await second).fencingToken).toBe(3)
  })

  it('entering again whose answer was lost and that is asked for again counts once', async () => {
    await using t = await testLocks()
    const first = await t.acquire('a', 'ada')
    const again = { lockId: 'entered-again' }
    expect(await t.acquire('a', 'ada', again)).toMatchObject({ lockId: first.lockId, count: 2 })
    expect(await t.acquire('a', 'ada', again)).toMatchObject({ lockId: first.lockId, count: 2 })
    expect(await t.release(first)).toEqual({ released: false, count: 1 })
    expect(await t.release(first)).toEqual({ released: true, count: 0 })
  })

  it('the same session enters again and leaves as often', async () => {
    await using t = await testLocks()
    const first = await t.acquire('a', 'ada')
    const second = await t.acquire('a', 'ada')
    expect(second).toMatchObject({ lockId: first.lockId, fencingToken: first.fencingToken, count: 2 })
    await t.restart()
    expect(await t.release(first)).toEqual({ released: false, count: 1 })
    expect(t.holders('a')).toEqual(['ada'])
    expect(await t.release(first)).toEqual({ released: true, count: 0 })
    expect(t.holders('a')).toEqual([])
  })

  it('L6: a wrong owner or token changes nothing and says so', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    expect((await caught(t.release(a, { owner: 'token:other' })))?.message).toMatch(
      /held by token:fleet.*Nothing was changed/,
    )
    expect((await caught(t.release(a, { fencingToken: 99 })))?.details).toMatchObject({
      cause: 'token',
      fencingToken: 1,
    })
    expect(await t.renew(a, { owner: 'token:other' })).toMatchObject({
      ok: false,
      message: expect.stringContaining('not by token:other'),
    })
    expect((await caught(t.acquire('a', 'ada', { lockId: a.lockId, owner: 'token:other' })))?.details).toMatchObject({
      cause: 'owner',
    })
    expect((await caught(t.acquire('a', 'ada', { owner: 'token:other' })))?.details).toMatchObject({ cause: 'owner' })
    expect(t.holders('a')).toEqual(['ada'])
    expect(await eventsOf(t, 'a')).toHaveLength(1)
  })

  it('two stores of what nobody holds: released once, gone the second time', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    await t.release(a)
    expect((await caught(t.release(a)))?.details).toMatchObject({ cause: 'gone' })
    expect(
      (
        await caught(
          t.locks.release(
            'token:fleet',
            { resource: 'never', lockId: 'x', fencingToken: null },
            { actor: 'x', operationId: null },
          ),
        )
      )?.details,
    ).toMatchObject({ cause: 'gone' })
  })
})

describe('the queue', () => {
  it('is first come, first served, and wakes one at a time', async () => {
    await using t = await testLocks()
    let held = await t.acquire('a', 's0')
    const order: string[] = []
    const waits = ['s1', 's2', 's3'].map((session) =>
      t.acquire('a', session, waiting).then((lease) => {
        order.push(session)
        return lease
      }),
    )
    for (let i = 0; i < 3; i++) {
      await t.release(held)
      held = await (waits[i] as Promise<typeof held>)
      expect(order).toEqual(['s1', 's2', 's3'].slice(0, i + 1))
      expect(t.holders('a')).toEqual([`s${i + 1}`])
    }
  })

  it('gives up after its time, with who holds it and what to expect', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    const wait = caught(t.acquire('a', 'bob', { waitMs: 1_000 }))
    await t.pass(1_100, [a])
    expect((await wait)?.details).toMatchObject({ cause: 'timeout', holder: 'ada' })
    expect(t.locks.waiting).toBe(0)
    expect(t.locks.entries.get('a')?.queue).toEqual([])
  })

  it('a resource that could not be opened again while nothing could be written is, later', async () => {
    const { gate, wrap } = crowded()
    await using t = await testLocks({ wrap })
    await t.acquire('a', 'ada', { ttlMs: 1_000, lockDelayMs: 2_000 })
    await t.pass(1_500)
    expect(t.holders('a')).toEqual([])
    gate.closed = true
    await t.pass(2_500)
    expect(gate.refused).toBeGreaterThan(0)
    gate.closed = false
    const next = t.acquire('a', 'bob', waiting)
    await t.pass(2_000)
    await next
    expect(t.holders('a')).toEqual(['bob'])
  })

  it('L4: who is granted in the commit in which its instance leaves the registry does not keep it', async () => {
    await using t = await testLocks()
    const value = { id: 'bob-1', generation: 3, heartbeat: 'live' } as Instance
    t.instances.set('bob-1', value)
    const left = t.file.store.transact({ actor: 'system', operationId: null }, async (tx) => {
      await tx.emit({ kind: 'instance.expired', key: 'instance/bob-1', service: 'pay', summary: '', value: null })
      tx.afterCommit(() => t.instances.delete('bob-1'))
    })
    const refused = caught(t.acquire('a', 'bob', { instance: { id: 'bob-1', generation: 3 } }))
    await left
    expect((await refused)?.details).toMatchObject({ cause: 'session' })
    await t.acquire('a', 'cy', waiting)
    expect(t.holders('a')).toEqual(['cy'])
  })

  it('L4: a waiter whose caller has gone, or whose instance died, is not granted', async () => {
    await using t = await testLocks()
    const instance = { id: 'bob-1', generation: 3, heartbeat: 'live' } as Instance
    t.instances.set('bob-1', instance)
    const held = await t.acquire('a', 'ada')
    const closing = new Closing()
    const gone = caught(t.acquire('a', 'gone', waiting, closing))
    const dead = caught(t.acquire('a', 'bob', { ...waiting, instance: { id: 'bob-1', generation: 3 } }))
    const next = t.acquire('a', 'eve', waiting)
    closing.close()
    t.instances.set('bob-1', { ...instance, heartbeat: 'expired' })
    await t.release(held)
    expect((await next).fencingToken).toBe(2)
    expect(t.holders('a')).toEqual(['eve'])
    expect((await gone)?.details).toMatchObject({ cause: 'cancelled' })
    await t.pass(61_000)
    expect(await dead).toBeInstanceOf(LockError)
  })

  it('a caller that goes between the grant and its answer leaves no lock behind', async () => {
    await using t = await testLocks()
    const closing = new Closing()
    const lost = caught(t.acquire('a', 'ada', {}, closing))
    // The transaction of the grant is under way.
    closing.close()
    await lost
    await settled()
    await settled()
    expect(t.holders('a')).toEqual([])
  })

  it('readers share; a writer waits for no reader that came after it', async () => {
    await using t = await testLocks()
    const shared = { mode: 'shared' as const }
    const r1 = await t.acquire('a', 'r1', shared)
    const r2 = await t.acquire('a', 'r2', shared)
    const writer = t.acquire('a', 'w', waiting)
    const late = t.acquire('a', 'r3', { ...shared, ...waiting })
    expect(t.holders('a')).toEqual(['r1', 'r2'])
    expect((await caught(t.acquire('a', 'r4', shared)))?.details).toMatchObject({ cause: 'held' })
    await t.release(r1)
    await t.release(r2)
    const w = await writer
    expect(t.holders('a')).toEqual(['w'])
    await t.release(w)
    await late
    expect(t.holders('a')).toEqual(['r3'])
  })

  it('a reader that wants to write must let go first', async () => {
    await using t = await testLocks()
    await t.acquire('a', 'ada', { mode: 'shared' })
    expect((await caught(t.acquire('a', 'ada', waiting)))?.details).toMatchObject({ cause: 'upgrade' })
  })

  it('a semaphore lets through as many as it has permits, in order', async () => {
    await using t = await testLocks()
    const semaphore = { kind: 'semaphore' as const, of: 3 }
    const two = await t.acquire('pool', 'a', { ...semaphore, permits: 2 })
    await t.acquire('pool', 'b', semaphore)
    const big = t.acquire('pool', 'c', { ...semaphore, ...waiting, permits: 2 })
    // One that would fit must not overtake the one before it.
    const small = t.acquire('pool', 'd', { ...semaphore, ...waiting })
    await t.release(two)
    await big
    expect(t.holders('pool')).toEqual(['b', 'c'])
    expect((await caught(t.acquire('pool', 'e', { ...semaphore, of: 5 })))?.message).toContain('semaphore of 3 permits')
    expect((await caught(t.acquire('pool', 'e')))?.message).toContain('held as a semaphore')
    await t.release(await big)
    await small
    expect(t.holders('pool')).toEqual(['b', 'd'])
  })
})

describe('leases', () => {
  it('run out unless renewed, and the next one gets it', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    const lost: string[] = []
    t.locks.lossesOf('ada', (loss) => lost.push(`${loss.cause}: ${loss.message}`))
    const next = t.acquire('a', 'bob', waiting)
    await t.pass(30_000, [a])
    expect(t.holders('a')).toEqual(['ada'])
    await t.pass(10_100)
    expect((await next).fencingToken).toBe(2)
    expect(lost).toEqual(['expired: The lease on "a" ran out: it was not renewed within 10000 ms.'])
    expect(await t.renew(a)).toMatchObject({ ok: false })
    expect((await caught(t.release(a)))?.details).toMatchObject({ cause: 'gone' })
  })

  it('stay closed for the delay after they ran out, not after a release', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada', { lockDelayMs: 2_000 })
    await t.release(a)
    await t.acquire('a', 'ada', { lockDelayMs: 2_000, ttlMs: 1_000 })
    const next = caught(t.acquire('a', 'bob', waiting))
    await t.pass(1_100)
    expect(t.holders('a')).toEqual([])
    expect((await caught(t.acquire('a', 'eve')))?.message).toMatch(/stays closed for \d+ ms|about to go/)
    await t.restart()
    const again = t.acquire('a', 'bob', waiting)
    await t.pass(1_900)
    expect(t.holders('a')).toEqual([])
    await t.pass(200)
    await again
    expect(t.holders('a')).toEqual(['bob'])
    expect(await next).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
  })

  it('end at the longest hold time, however often renewed', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada', { maxHoldMs: 15_000 })
    await t.pass(14_000, [a])
    expect(t.holders('a')).toEqual(['ada'])
    await t.pass(1_200, [a])
    expect(t.holders('a')).toEqual([])
  })

  it('L5: a wall clock that jumps by an hour either way shortens none', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    t.clock.jumpWall(3_600_000)
    await t.pass(5_000)
    expect(t.holders('a')).toEqual(['ada'])
    t.clock.jumpWall(-7_200_000)
    await t.pass(4_000)
    expect(t.holders('a')).toEqual(['ada'])
    expect(await t.renew(a)).toMatchObject({ ok: true, leftMs: 10_000 })
  })

  it('a control plane that stood still evicts nobody', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    await t.pass(200)
    t.clock.advance(60_000)
    await t.locks.tick()
    expect(t.holders('a')).toEqual(['ada'])
    expect(await t.renew(a)).toMatchObject({ ok: true })
  })

  it('outlive a restart, each with a whole TTL', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    await t.pass(9_000)
    await t.restart(3_600_000)
    await t.pass(9_000)
    expect(t.holders('a')).toEqual(['ada'])
    expect(await t.renew(a)).toMatchObject({ ok: true, leftMs: 10_000 })
    expect((await caught(t.acquire('a', 'bob')))?.details).toMatchObject({ holder: 'ada' })
  })

  it('die with the instance that holds them, and with its older registration', async () => {
    await using t = await testLocks()
    const instance = { id: 'pay-1', generation: 1, heartbeat: 'live', owner: 'token:fleet' } as Instance
    const bound = { instance: { id: 'pay-1', generation: 1 } }
    expect((await caught(t.acquire('a', 'ada', bound)))?.message).toContain('not registered')
    t.instances.set('pay-1', instance)
    await t.acquire('a', 'ada', bound)
    await t.acquire('b', 'ada', bound)
    const next = t.acquire('a', 'bob', waiting)
    const value = { ...instance, generation: 2 }
    t.instances.set('pay-1', value)
    await t.file.store.transact({ actor: 'token:fleet', operationId: null }, async (tx) => {
      await tx.emit({ kind: 'instance.registered', key: 'instance/pay-1', service: 'pay', summary: '', value })
    })
    await next
    await settled()
    expect(t.holders('a')).toEqual(['bob'])
    expect(t.holders('b')).toEqual([])
  })
})

describe('L1: tokens increase for ever', () => {
  it('across releases, restarts and resources that were forgotten', async () => {
    await using t = await testLocks()
    let last = 0
    const take = async () => {
      const lease = await t.acquire('a', 'ada')
      expect(lease.fencingToken).toBeGreaterThan(last)
      last = lease.fencingToken
      await t.release(lease)
    }
    await take()
    await take()
    await t.restart()
    await take()
    t.clock.advance(4_000_000)
    await t.locks.tick()
    t.clock.advance(10)
    const before = t.locks.entries.size
    // An hour of its own standstill does not count, so the hour passes in steps.
    await t.pass(3_700_000)
    expect(await t.locks.forget()).toBe(before)
    expect(t.locks.entries.size).toBe(0)
    expect(await t.file.store.read((tx) => tx.q.locks.all())).toEqual([])
    await take()
    await t.restart()
    await take()
  })

  it('across a restore of an older copy', async () => {
    await using t = await testLocks()
    const old = await t.acquire('a', 'ada')
    await t.file.store.transact({ actor: 'system', operationId: null }, (tx) => tx.q.meta.set(RESTORED, 'yes'))
    await t.restart()
    await t.pass(11_000)
    const next = await t.acquire('a', 'bob')
    expect(epochOf(next.fencingToken)).toBe(1)
    expect(next.fencingToken).toBe(TOKENS_PER_EPOCH + 1)
    expect(admits(next.fencingToken, old.fencingToken)).toBe(false)
    await t.restart()
    expect(epochOf((await t.acquire('b', 'ada')).fencingToken)).toBe(1)
  })

  it('above a token that this database never granted, as soon as somebody shows it', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    expect(await t.renew({ ...a, fencingToken: 500 })).toMatchObject({ ok: false })
    await t.release(a)
    expect((await t.acquire('a', 'bob')).fencingToken).toBeGreaterThan(500)
  })

  it('whatever numbers somebody shows: the tokens that are left are not used up, and none comes twice', async () => {
    await using t = await testLocks()
    const seen: number[] = []
    for (let i = 0; i < 200; i++) {
      const lease = await t.acquire('a', 'ada')
      seen.push(lease.fencingToken)
      await t.renew({ ...lease, fencingToken: Number.MAX_SAFE_INTEGER - i })
      await t.renew({ ...lease, fencingToken: lease.fencingToken + 1 + i })
      await t.release(lease)
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
    expect(epochOf(seen.at(-1) ?? 0)).toBeLessThanOrEqual(8)
    // A minute later a real one is believed again.
    t.clock.advance(60_000)
    const lease = await t.acquire('a', 'ada')
    await t.renew({ ...lease, fencingToken: lease.fencingToken + 9 })
    expect((await t.acquire('b', 'ada')).fencingToken).toBeGreaterThan(lease.fencingToken + 9)
    expect(() => nextToken(Number.MAX_SAFE_INTEGER, 0)).toThrow(/no fencing tokens left/)
  })
})

describe('deadlocks', () => {
  it('are refused as the cycle closes, with the cycle by name', async () => {
    await using t = await testLocks()
    const x = await t.acquire('x', 'ada')
    await t.acquire('y', 'bob')
    const waits = t.acquire('y', 'ada', waiting)
    const refused = await caught(t.acquire('x', 'bob', waiting))
    expect(refused?.details).toMatchObject({ cause: 'deadlock' })
    expect(refused?.message).toContain('bob waits for "x" because of ada; ada waits for "y" because of bob')
    expect(t.locks.deadlocks[0]).toMatchObject({ refused: 'bob' })
    expect(waitGraph(t.locks).edges).toEqual([{ from: 'ada', to: 'bob', resource: 'y' }])
    await settled()
    expect((await eventsOf(t, 'x')).map(({ kind }) => kind)).toContain('lock.deadlock')
    await t.release(x)
    void waits.catch(() => undefined)
  })

  it('of three, over a queue, are seen too; those who choose to wait are shown', async () => {
    await using t = await testLocks()
    await t.acquire('x', 'a')
    await t.acquire('y', 'b')
    await t.acquire('z', 'c')
    const all = [t.acquire('y', 'a', waiting), t.acquire('z', 'b', waiting)]
    const last = caught(t.acquire('x', 'c', { waitMs: 5_000, onDeadlock: 'wait' }))
    expect(waitGraph(t.locks).cycles).toHaveLength(1)
    expect(
      waitGraph(t.locks)
        .cycles[0]?.map(({ resource }) => resource)
        .sort(),
    ).toEqual(['x', 'y', 'z'])
    await t.pass(5_100)
    expect((await last)?.details).toMatchObject({ cause: 'timeout' })
    expect(waitGraph(t.locks).cycles).toEqual([])
    for (const wait of all) void wait.catch(() => undefined)
  })

  it('waiting for one of several permits is none while one of their holders can go on', async () => {
    await using t = await testLocks()
    const semaphore = { kind: 'semaphore' as const, of: 2 }
    await t.acquire('pool', 'a', semaphore)
    await t.acquire('pool', 'b', semaphore)
    await t.acquire('x', 'c')
    const waits = t.acquire('x', 'a', waiting)
    const permit = t.acquire('pool', 'c', { ...semaphore, ...waiting })
    expect(t.locks.deadlocks).toEqual([])
    const closes = await caught(t.acquire('x', 'b', waiting))
    expect(closes?.details).toMatchObject({ cause: 'deadlock' })
    for (const wait of [waits, permit]) void wait.catch(() => undefined)
  })
})

describe('an operator', () => {
  const command = (operationId: string | null = null) => ({
    procedure: 'locks.forceRelease',
    principal: { ...SYSTEM, actor: 'user:ada@example.org' },
    operationId,
    input: { x: 1 },
  })

  it('takes a lock away with a reason, once, and only from who was seen', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    const next = t.acquire('a', 'bob', waiting)
    const lost: string[] = []
    t.locks.lossesOf('ada', (loss) => lost.push(loss.message))
    const wish = { resource: 'a', lockId: null, fencingToken: a.fencingToken, reason: 'stuck since Friday' }
    const done = await t.locks.forceRelease(wish, command('operation-1'))
    expect(done.result.ended).toEqual(['ada'])
    await next
    expect(lost).toEqual(['user:ada@example.org released "a" by force: stuck since Friday'])
    expect(await t.locks.forceRelease(wish, command('operation-1'))).toMatchObject({ replayed: true })
    expect(t.holders('a')).toEqual(['bob'])
    expect((await caught(t.locks.forceRelease(wish, command())))?.message).toMatch(/has moved on: token 2, held by bob/)
    const [entry] = await t.file.store.read((tx) => tx.q.audit.list({ limit: 10 }))
    expect(entry).toMatchObject({
      actor: 'user:ada@example.org',
      action: 'lock.force-release',
      target: 'lock/a',
      reason: 'stuck since Friday',
    })
  })

  it('sees holder, queue, ages and distributions', async () => {
    await using t = await testLocks()
    const a = await t.acquire('a', 'ada')
    await t.pass(4_000)
    const waits = t.acquire('a', 'bob', waiting)
    await t.pass(1_000)
    const entry = t.locks.entries.get('a')
    const view = entry && lockView(entry, t.locks)
    expect(view?.holders[0]).toMatchObject({ session: 'ada', heldMs: 5_000, leftMs: 5_000 })
    expect(view?.queue[0]).toMatchObject({ session: 'bob', waitedMs: 1_000, leftMs: 59_000 })
    await t.release(a)
    await waits
    expect(entry && lockView(entry, t.locks).held).toMatchObject({ count: 1 })
    expect(entry && lockView(entry, t.locks).waited).toMatchObject({ count: 2 })
  })
})
