/** Locks with real processes that are stopped, killed and cut off, and with a control plane that is. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, Fence, type Holdfast, type LockError } from '@holdfast/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ADMIN_TOKEN, type Launched, launch, newFolder, removeFolder } from './launch.ts'

interface Said {
  type: string
  token?: number
  message?: string
  cause?: string
}

const here = dirname(fileURLToPath(import.meta.url))
const folder = newFolder()
let controlPlane: Launched
let holdfast: Holdfast
const children: ChildProcess[] = []
const quiet = { until: 'healthz', env: { HOLDFAST_LOG_LEVEL: 'warn' } } as const

beforeAll(async () => {
  controlPlane = await launch({ folder, ...quiet })
  holdfast = await connect({ url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false })
}, 30_000)

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await holdfast?.close()
  await controlPlane?.kill()
  removeFolder(folder)
})

/** Starts a holder; `said` grows with what it tells. */
function holder(resource: string, ttlMs: number, waitMs = 0): { child: ChildProcess; said: Said[] } {
  const args = [controlPlane.url, ADMIN_TOKEN, resource, String(ttlMs), String(waitMs)]
  const child = fork(join(here, 'lock-holder.mjs'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const said: Said[] = []
  child.on('message', (message: Said) => said.push(message))
  children.push(child)
  return { child, said }
}

const until = (check: () => void, timeout = 15_000) => vi.waitFor(check, { timeout, interval: 20 })
const has = (said: Said[], type: string) => until(() => expect(said.map((s) => s.type)).toContain(type))
const heldNow = (lock: { holders: { label: string; session: string }[] }) => lock.holders.map(({ label }) => label)

async function lockOf(resource: string) {
  const { lock } = await holdfast.trpc.locks.get.query({ data: { resource } })
  return lock
}

test('L3: a holder that stood still is told so, and its late write is refused', { timeout: 60_000 }, async () => {
  const fence = new Fence()
  const refused: number[] = []
  const { child, said } = holder('paused', 1_000)
  child.on('message', ({ type, token = 0 }: Said) => {
    if (type !== 'write') return
    try {
      fence.admit('paused', token)
    } catch {
      refused.push(token)
    }
  })
  await has(said, 'write')
  const first = said.find(({ type }) => type === 'held')?.token as number
  child.kill('SIGSTOP')
  const second = await holdfast.lock('paused', { ttlMs: 5_000, waitMs: 20_000 }, async (lease) => {
    fence.admit('paused', lease.fencingToken)
    child.kill('SIGCONT')
    await has(said, 'lost')
    await until(() => expect(refused).toContain(first))
    return lease.fencingToken
  })
  expect(second).toBeGreaterThan(first)
  await has(said, 'failed')
  expect(said.find(({ type }) => type === 'failed')?.message).toContain('The lock on "paused" is lost')
})

test('L4: a waiter that dies in the queue is passed over', { timeout: 60_000 }, async () => {
  const held = await holdfast.tryLock('queue')
  const dying = holder('queue', 2_000, 60_000)
  await until(async () => expect((await lockOf('queue')).waiting).toBe(1))
  const patient = holder('queue', 2_000, 60_000)
  await until(async () => expect((await lockOf('queue')).waiting).toBe(2))
  dying.child.kill('SIGKILL')
  await until(async () => expect((await lockOf('queue')).waiting).toBe(1))
  await held?.release()
  await has(patient.said, 'held')
  expect(dying.said.map(({ type }) => type)).toEqual(['waiting'])
  patient.child.send('release')
  await has(patient.said, 'done')
})

test('holders keep their locks over a kill of the control plane', { timeout: 90_000 }, async () => {
  // Above the 5 s that its connection may wait between two tries, as long as a slow machine makes it be away.
  const { child, said } = holder('kept', 9_000)
  await has(said, 'held')
  const waiting = holdfast.lock('kept', { waitMs: 60_000 }, ({ fencingToken }) => fencingToken)
  await until(async () => expect((await lockOf('kept')).waiting).toBe(1))
  for (let i = 0; i < 3; i++) {
    await controlPlane.kill()
    controlPlane = await launch({ folder, port: controlPlane.port, ...quiet })
    await until(() => expect(holdfast.connected).toBe(true))
    expect(heldNow(await lockOf('kept'))).toEqual(['holder'])
    await expect(holdfast.tryLock('kept')).resolves.toBeNull()
  }
  // Longer than its TTL since the last start: it is renewed again.
  const [renewals] = [(await lockOf('kept')).holders[0]?.renewals ?? 0]
  await until(async () => expect((await lockOf('kept')).holders[0]?.renewals).toBeGreaterThan(renewals + 1))
  expect(said.map(({ type }) => type)).not.toContain('lost')
  child.send('release')
  // Whoever waited asks again by itself, and gets it.
  expect(await waiting).toBeGreaterThan(said.find(({ type }) => type === 'held')?.token as number)
})

test('L1: tokens go on above all earlier ones after an older copy was put back', { timeout: 60_000 }, async () => {
  const take = () => holdfast.lock('restored', { waitMs: 5_000 }, ({ fencingToken }) => fencingToken)
  await take()
  const copy = join(folder, 'copy.db')
  const env = { ...process.env, HOLDFAST_DATABASE_URL: `file:${join(folder, 'holdfast.db')}` }
  const backup = spawn(process.execPath, [join(dirname(here), 'scripts', 'backup.mjs'), copy], { env, stdio: 'ignore' })
  expect(await once(backup, 'exit')).toEqual([0, null])
  for (let i = 0; i < 20; i++) await take()
  const last = await take()
  await controlPlane.stop()
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `holdfast.db${suffix}`), { force: true })
  copyFileSync(copy, join(folder, 'holdfast.db'))
  controlPlane = await launch({ folder, port: controlPlane.port, ...quiet })
  await until(() => expect(holdfast.connected).toBe(true))
  const next = await take()
  expect(next).toBeGreaterThan(last)
  await controlPlane.stop()
  controlPlane = await launch({ folder, port: controlPlane.port, ...quiet })
  await until(() => expect(holdfast.connected).toBe(true))
  expect(await take()).toBe(next + 1)
})

test('an operator takes a lock away: the work is aborted at once', { timeout: 60_000 }, async () => {
  const { said } = holder('forced', 30_000)
  await has(said, 'held')
  const { lastToken } = await lockOf('forced')
  await holdfast.trpc.locks.forceRelease.mutate({
    data: { resource: 'forced', fencingToken: lastToken, reason: 'stuck since Friday' },
  })
  await has(said, 'lost')
  expect(said.find(({ type }) => type === 'lost')?.message).toContain('by force: stuck since Friday')
  await has(said, 'failed')
})

test('the SDK: nested, shared, counted, all or none, elected', { timeout: 60_000 }, async () => {
  // Entered again within, not from beside.
  const inner = await holdfast.lock('nested', {}, () => holdfast.lock('nested', {}, async () => holdfast.tryLock('x')))
  await inner?.release()
  await holdfast.lock('nested', {}, async () => {
    const beside = await connect({ url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false })
    const refused = (await beside.lock('nested', {}, () => null).catch((error: unknown) => error)) as LockError
    expect(refused.name).toBe('LockError')
    expect(refused.details).toMatchObject({ cause: 'held' })
    await beside.close()
  })

  let readers = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 5 }, () =>
      holdfast.readLock('shared', { waitMs: 5_000 }, async () => {
        readers += 1
        most = Math.max(most, readers)
        await new Promise((resolve) => setImmediate(resolve))
        readers -= 1
      }),
    ),
  )
  expect(most).toBeGreaterThan(1)

  let inside = 0
  let highest = 0
  await Promise.all(
    Array.from({ length: 20 }, () =>
      holdfast.semaphore('pool', { of: 3, waitMs: 10_000 }, async () => {
        inside += 1
        highest = Math.max(highest, inside)
        await new Promise((resolve) => setImmediate(resolve))
        inside -= 1
      }),
    ),
  )
  expect(highest).toBeLessThanOrEqual(3)

  // Opposite orders, and yet no deadlock.
  const both = (names: string[]) => holdfast.lockAll(names, { waitMs: 10_000 }, (leases) => leases.size)
  expect(await Promise.all([both(['a', 'b']), both(['b', 'a']), both(['a', 'b', 'a'])])).toEqual([2, 2, 2])

  const refusedFor = holdfast.lock('dead-1', {}, async () => {
    const other = connect({ url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false })
    const second = await other
    const theirs = second.lock('dead-2', {}, async () => {
      await second.lock('dead-1', { waitMs: 10_000 }, () => null)
    })
    await until(async () => expect((await lockOf('dead-1')).waiting).toBe(1))
    const error = await holdfast.lock('dead-2', { waitMs: 10_000 }, () => null).catch((e: unknown) => e)
    return { error: error as LockError, theirs, second }
  })
  const { error, theirs, second } = await refusedFor
  expect(error.details).toMatchObject({ cause: 'deadlock' })
  expect(error.message).toMatch(/waits for "dead-2" because of .* waits for "dead-1" because of/)
  await theirs
  await second.close()

  const order: string[] = []
  const ada = holdfast.elect('office', { label: 'ada', lead: () => void order.push('ada') })
  await until(() => expect(ada.isLeader).toBe(true))
  const bob = holdfast.elect('office', { label: 'bob', lead: () => void order.push('bob') })
  const seen: (string | null)[] = []
  bob.observe((leader) => seen.push(leader?.label ?? null))
  await until(async () => expect((await lockOf('office')).waiting).toBe(1))
  await ada.resign()
  await until(() => expect(bob.isLeader).toBe(true))
  await until(() => expect(seen).toContain('bob'))
  expect(order).toEqual(['ada', 'bob'])
  await ada.close()
  await bob.close()
  await until(async () => expect((await lockOf('office')).holders).toEqual([]))
})
