/**
 * Sagas whose steps are done by real processes through the SDK: they die, stand still, come back too late, lie, and so does the
 * control plane. What was done is in the participants' own file, which is only ever added to.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, type Holdfast, saga } from '@holdfast/sdk'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { ADMIN_TOKEN, type Launched, launch, newFolder, removeFolder } from './launch.ts'

/** Processes killed at random in the last test; `HOLDFAST_SAGA_KILLS=1000` for a long night. */
const KILLS = Number(process.env.HOLDFAST_SAGA_KILLS ?? 12)

interface Said {
  type: string
  step?: string
  phase?: string
  attempt?: number
  message?: string
  told?: string[]
}

interface Effect {
  id: number
  run: string
  step: string
  key: string
  what: 'did' | 'undid'
  pid: number
}

const here = dirname(fileURLToPath(import.meta.url))
const folder = newFolder()
const file = join(folder, 'participants.db')
const env = { HOLDFAST_LOG_LEVEL: 'warn' }
const children = new Set<ChildProcess>()
let controlPlane: Launched
let holdfast: Holdfast
let effects: Database.Database

const retry = { initialDelayMs: 20, maxDelayMs: 300 }
const step = (maxAttempts: number) => ({ leaseMs: 1_000, retry: { ...retry, maxAttempts }, undo: { retry } })
/** reserve, then charge beside pack, then ship */
const order = (name: string, shipAttempts: number, more: { probe?: object } = {}) =>
  saga(name)
    .step('reserve', { ...step(30), ...more })
    .parallel({ charge: { ...step(30), ...more }, pack: step(30) })
    .step('ship', { ...step(shipAttempts), ...more })

beforeAll(async () => {
  controlPlane = await launch({ folder, env, until: 'healthz' })
  holdfast = await connect({ url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false })
  await holdfast.sagas.define(order('order', 30))
  await holdfast.sagas.define(order('hasty', 1))
  await holdfast.sagas.define(order('asked', 1, { probe: {} }))
}, 60_000)

afterEach(killAll)

function killAll(): void {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
}

afterAll(async () => {
  effects?.close()
  await holdfast?.close()
  await controlPlane?.kill()
  removeFolder(folder)
})

async function worker(kind = 'careful'): Promise<{ child: ChildProcess; said: Said[] }> {
  const args = [controlPlane.url, ADMIN_TOKEN, file, kind]
  const child = fork(join(here, 'saga-worker.mjs'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  const said: Said[] = []
  child.on('message', (message: Said) => said.push(message))
  await until(() => expect(said.map(({ type }) => type)).toContain('ready'))
  effects ??= new Database(file, { readonly: true })
  return { child, said }
}

const until = (check: () => void | Promise<void>, timeout = 30_000) => vi.waitFor(check, { timeout, interval: 20 })
const done = (run: string) =>
  (effects.prepare('SELECT * FROM effect WHERE run = ? ORDER BY id').all(run) as Effect[]).map(
    ({ what, step: name }) => `${what} ${name}`,
  )
const ALL = ['did charge', 'did pack', 'did reserve', 'did ship']
const result = async (runId: string) => (await holdfast.sagas.result(runId, { timeoutMs: 60_000 })).status

test.each(['do reserve', 'do charge', 'do ship'])(
  'a worker dies in the middle of %s, before and after what it does: done once',
  async (where) => {
    for (const habit of ['dies before', 'dies after']) {
      const dying = await worker()
      const { runId } = await holdfast.sagas.start('order', { habits: { [where]: habit } })
      if (dying.child.signalCode === null) await once(dying.child, 'exit')
      await worker()
      expect(await result(runId)).toBe('succeeded')
      expect(done(runId).toSorted()).toEqual(ALL)
      killAll()
    }
  },
  60_000,
)

test('a worker dies in an undo, before and after: undone once, in reverse', async () => {
  for (const habit of ['dies before', 'dies after']) {
    const dying = await worker()
    const habits = { 'do ship': 'refuses', 'undo charge': habit }
    const { runId } = await holdfast.sagas.start('order', { habits })
    if (dying.child.signalCode === null) await once(dying.child, 'exit')
    await worker()
    expect(await result(runId)).toBe('compensated')
    const all = done(runId)
    expect(all.slice(0, 3).toSorted()).toEqual(['did charge', 'did pack', 'did reserve'])
    expect(all.slice(3, 5).toSorted()).toEqual(['undid charge', 'undid pack'])
    expect(all.slice(5)).toEqual(['undid reserve'])
    killAll()
  }
}, 60_000)

test('S5: a worker that stands still is replaced; what it does late is done once, and its word is refused', async () => {
  const still = await worker()
  const { runId } = await holdfast.sagas.start('order', { habits: { 'do charge': 'stands still' } })
  await until(() => expect(still.said.map(({ step: name }) => name)).toContain('charge'))
  await worker()
  expect(await result(runId)).toBe('succeeded')
  await until(() => expect(still.said.map(({ type }) => type)).toContain('lost'))
  expect(done(runId).toSorted()).toEqual(ALL)
}, 60_000)

/** One of two workers stands still before it ships, until long after the other has undone it. Resolves when it has woken up. */
async function shipTooLate(kind: string, definition = 'hasty'): Promise<string[]> {
  const both = await Promise.all([worker(kind), worker(kind)])
  const { runId } = await holdfast.sagas.start(definition, { habits: { 'do ship': 'stands still for long' } })
  expect(await result(runId)).toBe('compensated')
  expect(done(runId)).not.toContain('did ship')
  await until(() => expect(both.flatMap(({ said }) => said.map(({ type }) => type))).toContain('lost'))
  return done(runId)
}

test('a do that wakes up after its undo does nothing any more', async () => {
  const all = await shipTooLate('careful')
  expect(all).not.toContain('did ship')
  expect(all.filter((what) => what.startsWith('undid')).toSorted()).toEqual([
    'undid charge',
    'undid pack',
    'undid reserve',
  ])
}, 60_000)

test('a do that wakes up after its probe has said no does nothing any more, and owes no undo', async () => {
  const all = await shipTooLate('careful', 'asked')
  expect(all.filter((what) => what.endsWith('ship'))).toEqual([])
  expect(all.filter((what) => what.startsWith('undid')).toSorted()).toEqual([
    'undid charge',
    'undid pack',
    'undid reserve',
  ])
}, 60_000)

test('the same without a ledger leaves something behind: the check above can fail', async () => {
  const all = await shipTooLate('forgetful')
  expect(all.indexOf('did ship')).toBeGreaterThan(all.indexOf('undid ship'))
}, 60_000)

test('a worker that hangs but lives loses its attempt when it takes too long', async () => {
  await holdfast.sagas.define(saga('impatient').step('reserve', { ...step(3), timeoutMs: 1_000 }))
  await worker()
  const { runId } = await holdfast.sagas.start('impatient', { habits: { 'do reserve': 'hangs' } })
  expect(await result(runId)).toBe('succeeded')
  expect(done(runId)).toEqual(['did reserve'])
  const { entries } = await holdfast.sagas.history(runId)
  expect(entries.filter((entry) => entry.type === 'step.attempt-failed')).toMatchObject([
    { error: { code: 'TIMEOUT' }, outcome: 'unknown' },
  ])
}, 60_000)

test('S5: a worker that lies about its fence or its name is not believed', async () => {
  const liar = await worker()
  const { runId } = await holdfast.sagas.start('order', { habits: { 'do charge': 'lies' } })
  expect(await result(runId)).toBe('succeeded')
  expect(liar.said.find(({ type }) => type === 'lied')?.told).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT'])
  expect((await holdfast.sagas.result(runId)).output?.charge).toEqual({ by: 'charge' })
}, 60_000)

test('S2: the control plane dies while an answer is on its way: told to the next one, nothing is done twice', async () => {
  const { said } = await worker()
  const { runId } = await holdfast.sagas.start('order', { habits: { 'do charge': 'holds the answer' } })
  await until(() => expect(done(runId)).toContain('did charge'))
  const { port } = controlPlane
  await controlPlane.kill()
  controlPlane = await launch({ folder, port, env, until: 'healthz' })
  expect(await result(runId)).toBe('succeeded')
  expect(done(runId).toSorted()).toEqual(ALL)
  expect(said.filter(({ type, step: name }) => type === 'began' && name === 'charge')).toHaveLength(1)
}, 60_000)

test('a worker that is asked to end finishes what it has in hand, and no step waits for a lease', async () => {
  const leaving = await worker()
  const runs = await Promise.all(
    Array.from({ length: 150 }, (_, n) => holdfast.sagas.start('order', { workMs: 200, n })),
  )
  await until(() => expect(leaving.said.length).toBeGreaterThan(10))
  const staying = await worker()
  leaving.child.kill('SIGTERM')
  expect(await once(leaving.child, 'exit')).toEqual([0, null])
  for (const { runId } of runs) expect(await result(runId)).toBe('succeeded')
  for (const { runId } of runs) {
    const { entries } = await holdfast.sagas.history(runId)
    expect(entries.filter((entry) => entry.type === 'step.attempt-failed')).toEqual([])
  }
  expect(staying.said.length).toBeGreaterThan(10)
}, 60_000)

test(
  `S1-S5: ${KILLS} kills of workers and control plane at random: no orphan, no wrong undo`,
  async () => {
    const fleet = await Promise.all([worker(), worker(), worker()])
    const fates = [{}, {}, { 'do ship': 'refuses' }, { 'do ship': 'loses the answer' }] as const
    const started = new Map<string, string>()
    let kills = 0
    let isOver = false

    const starters = Array.from({ length: 12 }, async (_, starter) => {
      for (let n = 0; !isOver; n++) {
        const input = { habits: fates[(n + starter) % fates.length], always: true, workMs: 60 }
        const name = (['order', 'hasty', 'asked'] as const)[n % 3] ?? 'order'
        const idempotencyKey = `chaos-${starter}-${n}`
        const { runId } = await holdfast.sagas.start(name, input, { idempotencyKey, timeoutMs: 60_000 })
        started.set(runId, idempotencyKey)
        await holdfast.sagas.result(runId, { timeoutMs: 3_000 }).catch(() => undefined)
      }
    })
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    while (kills < KILLS) {
      await pause(150 + Math.random() * 400)
      kills += 1
      if (kills % 4 === 0) {
        const { port } = controlPlane
        await controlPlane.kill()
        controlPlane = await launch({ folder, port, env, until: 'healthz' })
        continue
      }
      const i = Math.floor(Math.random() * fleet.length)
      const victim = (fleet[i] as { child: ChildProcess }).child
      // Every third one stands still for longer than its leases before it goes on, the others are gone at once.
      if (kills % 3 === 0) {
        victim.kill('SIGSTOP')
        await pause(1_500)
        victim.kill('SIGCONT')
      } else {
        victim.kill('SIGKILL')
        fleet[i] = await worker()
      }
    }
    isOver = true
    await Promise.all(starters)
    const ended = new Map<string, string>()
    for (const runId of started.keys()) {
      ended.set(runId, (await holdfast.sagas.result(runId, { timeoutMs: 90_000, untilEnded: true })).status)
    }

    const rows = effects.prepare('SELECT * FROM effect ORDER BY id').all() as Effect[]
    const byRun = new Map<string, Effect[]>()
    for (const row of rows) byRun.set(row.run, [...(byRun.get(row.run) ?? []), row])
    const wrong: string[] = []
    for (const [runId, status] of ended) {
      const mine = byRun.get(runId) ?? []
      const at = (what: Effect['what'], name: string) => mine.filter((e) => e.what === what && e.step === name)
      for (const name of ['reserve', 'charge', 'pack', 'ship']) {
        const [did, undid] = [at('did', name), at('undid', name)]
        if (did.length > 1 || undid.length > did.length) wrong.push(`${runId} ${name}: ${did.length} ${undid.length}`)
        if (undid[0] && did[0] && undid[0].id < did[0].id) wrong.push(`${runId} ${name}: undone before it was done`)
        if (status === 'succeeded' && (did.length !== 1 || undid.length !== 0)) wrong.push(`${runId} ${name}: not kept`)
        if (status !== 'succeeded' && did.length !== undid.length) wrong.push(`${runId} ${name}: left behind`)
      }
      // S3: what was built upon something is undone before it.
      const order = (name: string) => at('undid', name)[0]?.id
      for (const [later, earlier] of [
        ['ship', 'charge'],
        ['ship', 'pack'],
        ['charge', 'reserve'],
        ['pack', 'reserve'],
      ] as const) {
        const [first, second] = [order(later), order(earlier)]
        if (first !== undefined && second !== undefined && first > second) wrong.push(`${runId}: ${earlier} first`)
      }
      if (!['succeeded', 'compensated'].includes(status)) wrong.push(`${runId} is ${status}`)
    }
    expect(wrong).toEqual([])
    const known = await holdfast.sagas.list({ limit: 1 })
    expect(known.runs).toHaveLength(1)
    const statuses = [...ended.values()]
    expect(statuses).toContain('succeeded')
    expect(statuses).toContain('compensated')
    console.log(`${kills} kills, ${ended.size} runs, ${rows.length} effects`)
  },
  Math.max(120_000, KILLS * 8_000),
)
