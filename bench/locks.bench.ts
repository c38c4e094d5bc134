/**
 * Locks as services use them: 32 clients with a connection each, acquire and release in turn, every step on disk before it
 * is answered; beside etcd's lock and Redis with appendfsync always. Then how soon the next of 100 waiters has it, and
 * what 10,000 held locks cost the others.
 */
import { randomUUID } from 'node:crypto'
import { launch, removeFolder } from '../e2e/launch.ts'
import { type Calls, openConnection } from './connection.ts'
import { startEtcd } from './etcd.ts'
import { inTurns, percentile, perSecond } from './load.ts'
import { startRedis } from './redis.ts'
import { remark, report } from './report.ts'

const CLIENTS = 32
const ROUND_MS = 2_000
const ROUNDS = 3
const WAITERS = 100
const HELD = 10_000

interface Lease {
  fencingToken: number
}

const controlPlane = await launch({ env: { HOLDFAST_LOG_LEVEL: 'warn' } })
const clients = await Promise.all(Array.from({ length: CLIENTS }, () => openConnection(controlPlane.url)))
const etcd = await startEtcd()
const redis = await startRedis()
const redisClients = redis ? await Promise.all(Array.from({ length: CLIENTS }, () => redis.connect())) : []
if (!etcd) remark('etcd is not measured: apt-get install etcd-server, and npm install --prefix bench')
if (!redis) remark('Redis is not measured: apt-get install redis-server, and npm install --prefix bench')

async function pair(calls: Calls, resource: string): Promise<void> {
  const lockId = randomUUID()
  const lease = (await calls.mutate('locks.acquire', { resource, lockId, ttlMs: 10_000, waitMs: 5_000 })) as Lease
  await calls.mutate('locks.release', { resource, lockId, fencingToken: lease.fencingToken })
}

/** Each client works on a lock of its own. */
const pairs = () => {
  let next = 0
  return perSecond(CLIENTS, ROUND_MS, () => {
    const client = next++ % CLIENTS
    return pair(clients[client] as Calls, `bench:${client}`)
  })
}

await pairs()
await pairs()
const measured = await inTurns<'ours' | 'etcd' | 'redis'>(ROUNDS, {
  ours: pairs,
  ...(etcd && { etcd: () => perSecond(CLIENTS, ROUND_MS, (i) => etcd.lockPair(`bench:${i % CLIENTS}`)) }),
  ...(redis && {
    redis: () =>
      perSecond(CLIENTS, ROUND_MS, (i) =>
        (redisClients[i % CLIENTS] as (typeof redisClients)[number]).lockPair(`bench:${i % CLIENTS}`, `v${i}`),
      ),
  }),
})
report({
  bench: 'locks',
  metric: 'pairs',
  unit: 'pairs/s',
  ours: measured.ours,
  peers: { ...(etcd && { etcd: measured.etcd }), ...(redis && { redis: measured.redis }) },
})
etcd?.stop()
for (const client of redisClients) client.close()
redis?.stop()

/** From the call of `release` to the answer of the next waiter's `acquire`, one hand to the next. */
const grants: number[] = []
const first = clients[0] as Calls
for (let round = 0; round < 5; round++) {
  const resource = `hot:${round}`
  let lockId: string = randomUUID()
  let lease = (await first.mutate('locks.acquire', { resource, lockId })) as Lease
  const queue: { id: string; got: Promise<{ lease: Lease; at: number }> }[] = []
  for (let i = 0; i < WAITERS; i++) {
    const id = randomUUID()
    const calls = clients[i % CLIENTS] as Calls
    const got = calls
      .mutate('locks.acquire', { resource, lockId: id, waitMs: 60_000 })
      .then((granted) => ({ lease: granted as Lease, at: performance.now() }))
    queue.push({ id, got })
    // In this order, which is the order of the queue.
    await first.query('locks.get', { resource })
  }
  for (const { id, got } of queue) {
    const begun = performance.now()
    await first.mutate('locks.release', { resource, lockId, fencingToken: lease.fencingToken })
    const granted = await got
    grants.push(granted.at - begun)
    lockId = id
    lease = granted.lease
  }
  await first.mutate('locks.release', { resource, lockId, fencingToken: lease.fencingToken })
}
report({ bench: 'locks', metric: 'grantP99', unit: 'ms', ours: percentile(grants, 0.99), peers: {}, limit: 10 })

const before = await pairs()
for (let i = 0; i < HELD; i += 100) {
  await Promise.all(
    Array.from({ length: 100 }, (_, j) =>
      first.mutate('locks.acquire', { resource: `held:${i + j}`, lockId: randomUUID(), ttlMs: 600_000 }),
    ),
  )
}
await pairs()
const [a, b] = [await pairs(), await pairs()]
report({ bench: 'locks', metric: 'heldCost', unit: 'ratio', ours: before / Math.max(a, b), peers: {} })

for (const client of clients) client.close()
await controlPlane.stop()
removeFolder(controlPlane.folder)
