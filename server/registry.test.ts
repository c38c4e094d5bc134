import { describe, expect, test } from 'vitest'
import { registration } from './api/schemas.ts'
import { SYSTEM } from './principal.ts'
import { releaseHold, setDrain, setMaintenance } from './registry/intent.ts'
import { deregister, register, SERVICES_MAX } from './registry/register.ts'
import { TOKEN, testRegistry } from './test-registry.ts'

const OPERATOR = { actor: 'user:ada', operationId: null }
const wish = { on: true, reason: 'upgrade', forMs: null }

describe('registering', () => {
  test('R1: what is acknowledged is readable at once, at every level, and after a crash', async () => {
    await using t = await testRegistry()
    const instance = await t.register({ name: 'orders' })
    for (const level of ['strong', 'eventual', 'readCommitted', 'readUncommitted'] as const) {
      const found = await t.registry.discover({ name: 'orders', health: 'routable', limit: 10 }, level)
      expect(found.instances.map((i) => i.id)).toEqual([instance.id])
      expect(found).toMatchObject({ level, appliedSeq: 2, headSeq: 2, staleMs: 0, lastResort: false })
    }
    await t.restart()
    expect(t.health(instance.id)).toBe('healthy')
  })

  test('D2: the same operation id returns the first result, with other data it is a Conflict', async () => {
    await using t = await testRegistry()
    const first = await t.register({ name: 'orders', id: 'o-1' }, TOKEN, 'operation-1')
    const again = await t.register({ name: 'orders', id: 'o-1' }, TOKEN, 'operation-1')
    expect(again).toEqual(first)
    await expect(t.register({ name: 'orders', id: 'o-2' }, TOKEN, 'operation-1')).rejects.toThrow(/already used/)
    await t.restart()
    expect(await t.register({ name: 'orders', id: 'o-1' }, TOKEN, 'operation-1')).toEqual(first)
  })

  test('a second owner and a second living process are told who stands in the way', async () => {
    await using t = await testRegistry()
    const first = await t.register({ name: 'orders', id: 'o-1', address: '10.0.0.1:80', incarnation: 'a' })
    const other = { ...TOKEN, id: 'token:x', actor: 'token:x' }
    await expect(t.register({ name: 'orders', id: 'o-1' }, other)).rejects.toThrow(/belongs to token:fleet/)
    await expect(t.register({ name: 'orders', id: 'o-1', address: '10.0.0.2:80', incarnation: 'b' })).rejects.toThrow(
      /living instance at 10.0.0.1:80/,
    )
    await t.pass(16_000)
    const second = await t.register({ name: 'orders', id: 'o-1', address: '10.0.0.2:80', incarnation: 'b' })
    expect(second.generation).toBe(first.generation + 1)
    await expect(t.beat(first)).rejects.toMatchObject({ code: 'CONFLICT', details: { cause: 'superseded' } })
  })

  test('a heartbeat for a stranger and by a stranger', async () => {
    await using t = await testRegistry()
    const beat = { id: 'nobody', generation: 1, status: 'ok', note: '' } as const
    await expect(t.registry.heartbeat(TOKEN, beat)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { cause: 'unknown' },
    })
    const instance = await t.register({ name: 'orders' })
    const other = { ...TOKEN, actor: 'token:x' }
    await expect(t.registry.heartbeat(other, { ...beat, id: instance.id })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('an id that moves to another service leaves the old one', async () => {
    await using t = await testRegistry()
    await t.register({ name: 'orders', id: 'x-1' })
    await t.register({ name: 'billing', id: 'x-1' })
    expect(t.registry.snapshot.of('orders')).toEqual([])
    expect(t.registry.snapshot.of('billing').map((i) => i.id)).toEqual(['x-1'])
  })
})

describe('heartbeats', () => {
  test('up, late, down, and up again by a heartbeat', async () => {
    await using t = await testRegistry()
    const a = await t.register({ name: 'orders', id: 'a', ttlMs: 9_000 })
    await t.pass(6_500)
    expect(t.health('a')).toBe('warning')
    await t.pass(3_000)
    expect(t.health('a')).toBe('unhealthy')
    await t.beat(a)
    expect(t.health('a')).toBe('healthy')
  })

  test('L5/R3: a wall clock that jumps an hour either way evicts nobody', async () => {
    await using t = await testRegistry()
    const a = await t.register({ name: 'orders', id: 'a' })
    for (const jump of [3_600_000, -7_200_000]) {
      t.clock.jumpWall(jump)
      await t.pass(5_000, [a])
      expect(t.health('a')).toBe('healthy')
    }
  })

  test('R3: a restart evicts nobody for a full TTL', async () => {
    await using t = await testRegistry()
    const ids = ['a', 'b', 'c']
    const instances = []
    for (const id of ids) instances.push(await t.register({ name: 'orders', id }))
    await t.pass(9_000)
    await t.restart(60_000)
    await t.pass(9_500)
    expect(ids.map((id) => t.health(id))).toEqual(['healthy', 'healthy', 'healthy'])
    await t.pass(3_000)
    expect(ids.map((id) => t.health(id))).toEqual(['warning', 'warning', 'warning'])
  })

  test('R3: a process that was suspended does not blame its clients', async () => {
    await using t = await testRegistry()
    await t.register({ name: 'orders', id: 'a' })
    await t.registry.sweep()
    t.clock.advance(600_000)
    await t.registry.sweep()
    expect(t.health('a')).toBe('healthy')
    await t.pass(16_000)
    expect(t.health('a')).toBe('unhealthy')
  })

  test('R4: a mass expiry is held, shown, released by an operator or by heartbeats coming back', async () => {
    await using t = await testRegistry()
    const all = []
    for (let i = 0; i < 10; i++) all.push(await t.register({ name: 'orders', id: `o-${i}` }))
    await t.pass(16_000, all.slice(0, 5))
    const found = await t.registry.discover({ name: 'orders', health: 'routable', limit: 100 }, 'eventual')
    expect(found.instances).toHaveLength(10)
    expect(t.health('o-9')).toBe('unknown')
    expect(t.registry.snapshot.services.get('orders')?.hold?.instanceIds).toHaveLength(5)
    await t.beat(all[9] as never)
    expect(t.health('o-9')).toBe('healthy')
    const expired = await t.file.store.transact(OPERATOR, (tx) => releaseHold(tx, 'orders', 'the rack is gone'))
    expect(expired).toBe(4)
    expect(t.health('o-8')).toBe('unhealthy')
    expect(t.registry.snapshot.services.get('orders')?.hold).toBeNull()
  })

  test('a hold ends when its processes register again', async () => {
    await using t = await testRegistry()
    for (const id of ['a', 'b', 'c']) await t.register({ name: 'orders', id })
    await t.pass(16_000)
    expect(t.registry.snapshot.services.get('orders')?.hold?.instanceIds).toHaveLength(3)
    for (const id of ['a', 'b', 'c']) await t.register({ name: 'orders', id })
    expect(t.registry.snapshot.services.get('orders')?.hold).toBeNull()
  })

  test('one of three may expire alone; traffic goes to the others', async () => {
    await using t = await testRegistry()
    const all = []
    for (let i = 0; i < 3; i++) all.push(await t.register({ name: 'orders', id: `o-${i}` }))
    await t.pass(16_000, all.slice(1))
    const found = await t.registry.discover({ name: 'orders', health: 'routable', limit: 100 }, 'eventual')
    expect(found.instances.map((i) => i.id)).toEqual(['o-1', 'o-2'])
  })

  test('R6: all unhealthy, all returned, flagged', async () => {
    await using t = await testRegistry()
    await t.register({ name: 'orders', id: 'only' })
    await t.pass(16_000)
    const found = await t.registry.discover({ name: 'orders', health: 'routable', limit: 100 }, 'eventual')
    expect(found).toMatchObject({ lastResort: true, total: 1 })
    expect(found.instances[0]?.health).toBe('unhealthy')
  })

  test('what is unhealthy for long is deregistered, and may register itself again', async () => {
    await using t = await testRegistry()
    const a = await t.register({ name: 'orders', id: 'a', deregisterAfterMs: 60_000 })
    await t.pass(16_000 + 61_000)
    expect(t.health('a')).toBeUndefined()
    await expect(t.beat(a)).rejects.toMatchObject({ details: { cause: 'expired' } })
    expect((await t.register({ name: 'orders', id: 'a' })).generation).toBe(2)
  })

  test('who was drained and ended without a goodbye is forgotten too, and drained when it comes back; in maintenance nobody is', async () => {
    await using t = await testRegistry()
    await t.register({ name: 'orders', id: 'drained', deregisterAfterMs: 60_000 })
    await t.register({ name: 'stock', id: 'mended', deregisterAfterMs: 60_000 })
    const wish = { on: true, reason: 'a new disk', forMs: null }
    await t.file.store.transact(OPERATOR, (tx) => setDrain(tx, 'drained', wish))
    await t.file.store.transact(OPERATOR, (tx) => setMaintenance(tx, { instance: 'mended' }, wish))
    await t.pass(16_000)
    expect(t.registry.snapshot.instances.get('drained')).toMatchObject({
      health: 'draining',
      reason: expect.stringMatching(/^draining, asked by user:ada: a new disk; no heartbeat for/),
    })
    await t.pass(61_000)
    expect(t.health('drained')).toBeUndefined()
    expect(t.health('mended')).toBe('maintenance')
    await t.register({ name: 'orders', id: 'drained' })
    expect(t.health('drained')).toBe('draining')
  })

  test('R5: a late heartbeat of an old generation resurrects nobody', async () => {
    await using t = await testRegistry()
    const a = await t.register({ name: 'orders', id: 'a', incarnation: 'process-1' })
    await t.file.store.transact(OPERATOR, (tx) => deregister(tx, 'a', 'operator', 'misbehaves'))
    await expect(t.beat(a)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { cause: 'deregistered', by: 'user:ada' },
    })
    await t.restart()
    await expect(t.beat(a)).rejects.toMatchObject({ details: { cause: 'deregistered' } })
    await expect(t.register({ name: 'orders', id: 'a', incarnation: 'process-1' })).rejects.toThrow(/stays out/)
    const back = await t.register({ name: 'orders', id: 'a', incarnation: 'process-2' })
    expect(back.generation).toBe(2)
    await expect(
      t.file.store.transact(OPERATOR, (tx) => deregister(tx, 'a', 'service', 'late goodbye', 1)),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(t.health('a')).toBe('healthy')
  })

  test('heartbeats are flushed in batches and served live only at readUncommitted', async () => {
    await using t = await testRegistry()
    const a = await t.register({ name: 'orders', id: 'a' })
    t.clock.advance(4_000)
    await t.beat(a)
    const at = async (level: 'eventual' | 'readUncommitted') =>
      (await t.registry.discover({ name: 'orders', health: 'all', limit: 1 }, level)).instances[0]?.lastHeartbeatAt
    expect(await at('readUncommitted')).toBe(t.clock.wall())
    expect(await at('eventual')).toBe(t.clock.wall() - 4_000)
    const head = t.journal.head
    await t.registry.flush()
    expect(await at('eventual')).toBe(t.clock.wall())
    expect(t.journal.head).toBe(head)
  })
})

describe('operators', () => {
  test('maintenance survives re-registration, a goodbye and a restart, and ends by itself', async () => {
    await using t = await testRegistry()
    await t.register({ name: 'orders', id: 'a', incarnation: '1' })
    await t.file.store.transact(OPERATOR, (tx) => setMaintenance(tx, { instance: 'a' }, { ...wish, forMs: 3_600_000 }))
    expect(t.health('a')).toBe('maintenance')
    await t.register({ name: 'orders', id: 'a', incarnation: '2' })
    expect(t.health('a')).toBe('maintenance')
    await t.file.store.transact({ actor: TOKEN.actor, operationId: null }, (tx) =>
      deregister(tx, 'a', 'service', 'bye'),
    )
    const back = await t.register({ name: 'orders', id: 'a', incarnation: '3' })
    expect(back.maintenance?.reason).toBe('upgrade')
    await t.restart()
    expect(t.health('a')).toBe('maintenance')
    await t.pass(3_600_000, [back])
    expect(t.health('a')).toBe('healthy')
  })

  test('maintenance of a service covers instances that come later, and leaves an audit row with its change', async () => {
    await using t = await testRegistry()
    await t.register({ name: 'orders', id: 'a' })
    await t.file.store.transact(OPERATOR, (tx) => setMaintenance(tx, { service: 'orders' }, wish))
    await t.register({ name: 'orders', id: 'b' })
    expect([t.health('a'), t.health('b')]).toEqual(['maintenance', 'maintenance'])
    const audit = await t.file.store.read((tx) => tx.q.audit.list({ limit: 10 }))
    expect(audit).toHaveLength(1)
    expect(audit[0]).toMatchObject({
      actor: 'user:ada',
      action: 'maintenance.start',
      target: 'service/orders',
      reason: 'upgrade',
    })
    expect(audit[0]?.seq).toBeGreaterThan(0)
  })

  test('A2: a change that fails leaves no audit row, no event and no change', async () => {
    await using t = await testRegistry()
    await t.register({ name: 'orders', id: 'a' })
    const head = t.journal.head
    const failing = t.file.store.transact(OPERATOR, async (tx) => {
      await setDrain(tx, 'a', wish)
      throw new Error('the verb fails at its end')
    })
    await expect(failing).rejects.toThrow('the verb fails')
    expect(t.journal.head).toBe(head)
    expect(await t.file.store.read((tx) => tx.q.audit.list({ limit: 10 }))).toEqual([])
    expect(t.health('a')).toBe('healthy')
  })

  test('a revoked principal cannot write any more', async () => {
    await using t = await testRegistry()
    await expect(t.register({ name: 'orders' }, { ...TOKEN, active: false })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    expect(SYSTEM.active).toBe(true)
  })
})

describe('checks', () => {
  const check = { http: '/healthz', failureThreshold: 3, successThreshold: 2 }
  const failing = { at: 0, status: 'failing', durationMs: 5, output: '500' } as const

  test('thresholds count, coalesce into runs, and survive a restart', async () => {
    await using t = await testRegistry()
    const a = await t.register({ name: 'orders', id: 'a', check })
    expect(t.probed.get('a')?.address).toBe('127.0.0.1:4000')
    await t.registry.checkNow('a')
    for (let i = 0; i < 2; i++) await t.registry.checked('a', a.generation, failing)
    expect(t.health('a')).toBe('healthy')
    await t.registry.checked('a', a.generation, failing)
    expect(t.health('a')).toBe('unhealthy')
    expect(t.registry.checks.running('a')).toMatchObject({ status: 'failing', count: 3 })
    await t.registry.stop()
    expect(await t.file.store.read((tx) => tx.q.checks.runs('a', null, 10))).toMatchObject([
      { status: 'failing', count: 3 },
      { status: 'passing', count: 1 },
    ])
    await t.restart()
    await t.registry.checked('a', a.generation, { ...failing, status: 'passing' })
    expect(t.health('a')).toBe('unhealthy')
    await t.registry.checked('a', a.generation, { ...failing, status: 'passing' })
    expect(t.health('a')).toBe('healthy')
  })

  test('a result of an older generation changes nothing', async () => {
    await using t = await testRegistry()
    const a = await t.register({ name: 'orders', id: 'a', check })
    for (let i = 0; i < 5; i++) await t.registry.checked('a', a.generation + 1, failing)
    expect(t.health('a')).toBe('healthy')
  })
})

test('flapping is seen', async () => {
  await using t = await testRegistry()
  const a = await t.register({ name: 'orders', id: 'a' })
  for (let i = 0; i < 6; i++) await t.beat(a, { status: i % 2 === 0 ? 'warning' : 'ok' })
  await t.registry.sweep()
  expect(t.registry.snapshot.instances.get('a')?.flapping).toBe(true)
})

test('flapping is over after quiet minutes, also when a restart came between', async () => {
  await using t = await testRegistry()
  const a = await t.register({ name: 'orders', id: 'a', ttlMs: 0 })
  for (let i = 0; i < 6; i++) await t.beat(a, { status: i % 2 === 0 ? 'warning' : 'ok' })
  await t.registry.sweep()
  await t.restart()
  expect(t.registry.snapshot.instances.get('a')?.flapping).toBe(true)
  await t.pass(10 * 60_000)
  expect(t.registry.snapshot.instances.get('a')?.flapping).toBe(false)
})

test('services are bounded as instances are', async () => {
  await using t = await testRegistry()
  const presence = { isAlive: () => false, size: 0, services: SERVICES_MAX }
  const add = (name: string) =>
    t.file.store.transact(OPERATOR, (tx) =>
      register(tx, registration.parse({ name, address: '127.0.0.1:1' }), 'token:a', presence),
    )
  await t.register({ name: 'known', id: 'k' })
  await expect(add('one-more')).rejects.toThrow('Forget those without instances first')
  await expect(add('known')).resolves.toMatchObject({ service: 'known' })
})
