/**
 * kill -9 at random moments under load: whatever was acknowledged is there afterwards (D1), and what was not is made
 * exactly once by sending the same operation again (D2). HOLDFAST_CRASH_CYCLES sets how often; 50 by default.
 */
import { randomUUID } from 'node:crypto'
import { connect, type Holdfast } from '@holdfast/sdk'
import { afterAll, expect, test } from 'vitest'
import { ADMIN_TOKEN, freePort, type Launched, launch, newFolder, removeFolder } from './launch.ts'

const CYCLES = Number(process.env.HOLDFAST_CRASH_CYCLES ?? 50)
const WRITERS = 24
const folder = newFolder()
let running: Launched | null = null

afterAll(async () => {
  await running?.kill()
  removeFolder(folder)
})

interface Write {
  operationId: string
  id: string
  acknowledged: { generation: number; seq: number } | null
}

async function client(url: string): Promise<Holdfast> {
  return connect({ url, token: ADMIN_TOKEN, telemetry: false, requestTimeoutMs: 3_000 })
}

const registration = (write: Write) => ({
  id: write.operationId,
  data: { id: write.id, name: `crash-${write.id.length % 7}`, address: '127.0.0.1:9', ttlMs: 0 },
})

async function writeUntilKilled(holdfast: Holdfast, cycle: number, victim: Launched): Promise<Write[]> {
  const writes: Write[] = []
  let alive = true
  const killAfter = 20 + Math.random() * 250
  const killer = new Promise<void>((resolve) => {
    setTimeout(async () => {
      await victim.kill()
      alive = false
      resolve()
    }, killAfter)
  })
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let i = 0; alive; i++) {
      const write: Write = { operationId: randomUUID(), id: `c${cycle}-${writer}-${i}`, acknowledged: null }
      writes.push(write)
      try {
        const { instance, seq } = await holdfast.trpc.registry.register.mutate(registration(write))
        write.acknowledged = { generation: instance.generation, seq }
      } catch {
        return
      }
    }
  })
  await Promise.all([killer, ...writers])
  return writes
}

test(`${CYCLES} kills under load lose nothing that was acknowledged`, {
  timeout: 60_000 + CYCLES * 10_000,
}, async () => {
  const port = await freePort()
  const acknowledged = new Map<string, number>()
  let unknown = 0
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    running = await launch({ folder, port, until: 'healthz', env: { HOLDFAST_LOG_LEVEL: 'warn' } })
    const holdfast = await client(running.url)
    const writes = await writeUntilKilled(holdfast, cycle, running)
    await holdfast.close()

    running = await launch({ folder, port, until: 'healthz', env: { HOLDFAST_LOG_LEVEL: 'warn' } })
    const again = await client(running.url)
    for (const write of writes) {
      const { instance, replayed, seq } = await again.trpc.registry.register.mutate(registration(write))
      expect(instance.generation, `${write.id} was made twice`).toBe(1)
      if (write.acknowledged) {
        expect(replayed, `${write.id} was acknowledged and is lost`).toBe(true)
        expect(seq).toBe(write.acknowledged.seq)
      } else unknown += 1
      acknowledged.set(write.id, instance.generation)
    }
    await again.close()
    await running.kill()
  }
  running = await launch({ folder, port, until: 'healthz' })
  const last = await client(running.url)
  const found = new Set<string>()
  for (let service = 0; service < 7; service++) {
    for (const length of [1000]) {
      const { instances, total } = await last.trpc.registry.discover.query({
        data: { name: `crash-${service}`, health: 'all', limit: length },
        consistencyLevel: 'readCommitted',
      })
      for (const instance of instances) found.add(instance.id)
      if (total <= length) continue
      const all = await last.trpc.registry.get.query({ data: { name: `crash-${service}` } })
      for (const instance of all.instances) found.add(instance.id)
    }
  }
  const missing = [...acknowledged.keys()].filter((id) => !found.has(id))
  expect(missing).toEqual([])
  console.log(`${CYCLES} kills, ${acknowledged.size} registrations, ${unknown} of them unknown at the kill, 0 lost`)
  await last.close()
})

test('R3: a kill and a restart evict nobody, however long it was away', async () => {
  const port = await freePort()
  const own = newFolder()
  let controlPlane = await launch({ folder: own, port, until: 'healthz' })
  const services = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      connect({
        url: controlPlane.url,
        token: ADMIN_TOKEN,
        service: { id: `kept-${i}`, name: 'kept', address: `127.0.0.1:${10_000 + i}`, ttlMs: 2_000 },
      }),
    ),
  )
  await controlPlane.kill()
  // Longer than the TTL: nobody could send a heartbeat, and nobody may be blamed for it.
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  controlPlane = await launch({ folder: own, port, until: 'healthz' })
  const watcher = await client(controlPlane.url)
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  const { instances, lastResort } = await watcher.trpc.registry.discover.query({ data: { name: 'kept' } })
  expect(instances).toHaveLength(10)
  expect(lastResort).toBe(false)
  const { events } = await watcher.trpc.journal.list.query({ data: { service: 'kept', limit: 500 } })
  const states = events.map((event) => (event.value as { health?: string } | null)?.health ?? null)
  expect(states.filter((state) => state === 'unhealthy' || state === 'unknown')).toEqual([])
  expect(events.filter((event) => event.value === null)).toEqual([])
  await Promise.all([watcher.close(), ...services.map((service) => service.close())])
  await controlPlane.stop()
  removeFolder(own)
})
