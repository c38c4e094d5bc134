/** Breakers across real processes: one decision for all, N probes for all, an operator's word above, alone when cut off. */
import { type ChildProcess, fork } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, type Holdfast } from '@holdfast/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ADMIN_TOKEN, type Launched, launch, newFolder, removeFolder } from './launch.ts'

interface Done {
  refused: number
  message: string | null
  state: string
}

const here = dirname(fileURLToPath(import.meta.url))
const folder = newFolder()
const quiet = { until: 'healthz', env: { HOLDFAST_LOG_LEVEL: 'warn' } } as const
let controlPlane: Launched
let holdfast: Holdfast
const callers: Caller[] = []

beforeAll(async () => {
  controlPlane = await launch({ folder, ...quiet })
  holdfast = await connect({ url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false })
}, 30_000)

afterAll(async () => {
  for (const { child } of callers) child.kill('SIGKILL')
  await holdfast?.close()
  await controlPlane?.kill()
  removeFolder(folder)
})

const until = (check: () => void | Promise<void>, timeout = 15_000) => vi.waitFor(check, { timeout, interval: 10 })

/** A process that calls through the breaker `name`. */
class Caller {
  readonly child: ChildProcess
  inside = 0
  passed = 0
  #ready = false
  #next = 0
  readonly #waiting = new Map<number, (done: Done) => void>()

  constructor(name: string) {
    this.child = fork(join(here, 'breaker-caller.mjs'), [controlPlane.url, ADMIN_TOKEN, name], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.child.on('message', (message: { type: string; id?: number } & Done) => {
      if (message.type === 'ready') this.#ready = true
      if (message.type === 'in') {
        this.inside += 1
        this.passed += 1
      }
      if (message.type === 'out') this.inside -= 1
      if (message.type === 'done') this.#waiting.get(message.id as number)?.(message)
    })
    callers.push(this)
  }

  ready(): Promise<void> {
    return until(() => expect(this.#ready).toBe(true))
  }

  calls(calls: number, options: { fails?: boolean; ms?: number } = {}): Promise<Done> {
    const id = this.#next++
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.child.send({ id, calls, ...options })
    })
  }
}

async function some(name: string, count: number): Promise<Caller[]> {
  const made = Array.from({ length: count }, () => new Caller(name))
  await Promise.all(made.map((caller) => caller.ready()))
  return made
}

const view = (name: string) => holdfast.trpc.breakers.get.query({ data: { name } })
const stateOf = async (name: string) => (await view(name)).breaker.effective

test('one process that fails alone opens for itself; most of them that fail, for all', {
  timeout: 60_000,
}, async () => {
  const name = 'quorum'
  const [one, two, three] = (await some(name, 3)) as [Caller, Caller, Caller]
  await Promise.all([two.calls(20), three.calls(20)])
  await until(async () => expect((await view(name)).breaker.figures.callersReporting).toBe(2))
  await one.calls(20, { fails: true })
  const own = await one.calls(1)
  expect(own.refused, 'its own breaker protects it').toBe(1)
  await until(async () => expect((await view(name)).breaker.figures.callersReporting).toBe(3))
  expect(await stateOf(name)).toBe('closed')
  expect((await three.calls(1)).refused, 'one bad node does not shut out the others').toBe(0)
  await until(async () => {
    await Promise.all([two, three].map((caller) => caller.calls(50, { fails: true })))
    expect(['open', 'half-open']).toContain(await stateOf(name))
  })
  await until(async () => expect((await three.calls(20)).refused).toBeGreaterThan(0))
})

test('B2: of 1,000 callers at once in four processes exactly five probes pass; what a dead one held comes back', {
  timeout: 60_000,
}, async () => {
  const name = 'half-open'
  const fleet = await some(name, 4)
  await Promise.all(fleet.map((caller) => caller.calls(1)))
  await until(async () => expect((await view(name)).breaker.rollout.of).toBe(4))
  await holdfast.trpc.breakers.trip.mutate({ data: { name, reason: 'to see it half-open' } })
  await until(async () => expect(await stateOf(name)).toBe('half-open'))
  const before = fleet.reduce((sum, { passed }) => sum + passed, 0)
  const answers = Promise.all(fleet.map((caller) => caller.calls(250, { ms: 1_500 })))
  await until(() => expect(fleet.reduce((sum, { inside }) => sum + inside, 0)).toBe(5))
  // A process that dies with permits: they come back when their lease ends, and not before.
  const doomed = fleet.find(({ inside }) => inside > 0) as Caller
  const held = doomed.inside
  doomed.child.kill('SIGKILL')
  const others = fleet.filter((caller) => caller !== doomed)
  const refusedNow = await (others[0] as Caller).calls(50, { ms: 10 })
  expect(refusedNow.refused).toBe(50)
  expect(fleet.reduce((sum, { passed }) => sum + passed, 0) - before).toBe(5)
  void answers
  await until(async () => {
    const permits = (await view(name)).breaker.halfOpen?.permits ?? []
    expect(permits.length).toBeLessThanOrEqual(5 - held)
  })
  await until(async () => expect((await (others[0] as Caller).calls(10, { ms: 1 })).refused).toBeLessThan(10))
})

test('B3, B4: an operator’s word is heard at once, survives kills, and holds while the control plane is away', {
  timeout: 90_000,
}, async () => {
  const name = 'forced'
  const [caller] = (await some(name, 1)) as [Caller]
  await caller.calls(5)
  await until(async () => expect(await stateOf(name)).toBe('closed'))
  const { version } = (await view(name)).breaker
  const wish = { name, mode: 'forced-open' as const, forMs: null }
  await holdfast.trpc.breakers.override.mutate({
    data: { ...wish, reason: 'their database moves', expectedVersion: version },
  })
  const late = holdfast.trpc.breakers.override.mutate({
    data: { ...wish, reason: 'me too', expectedVersion: version },
  })
  await expect(late, 'the second operator is told of the first').rejects.toThrow(/admin-token/)
  await until(async () => {
    const { refused, message } = await caller.calls(10)
    expect(refused).toBe(10)
    expect(message).toContain('their database moves')
  })
  await until(async () => expect((await view(name)).breaker.rollout).toEqual({ have: 1, of: 1 }))

  await controlPlane.kill()
  expect((await caller.calls(10)).refused, 'alone, it keeps what it knew').toBe(10)
  controlPlane = await launch({ folder, port: controlPlane.port, ...quiet })
  await until(() => expect(holdfast.connected).toBe(true))
  expect(await stateOf(name), 'a restart forgets no override').toBe('open')
  expect((await caller.calls(10)).refused).toBe(10)

  await until(async () => expect((await view(name)).breaker.rollout.of).toBe(1))
  await holdfast.trpc.breakers.clearOverride.mutate({ data: { name, reason: 'it has moved' } })
  await until(async () => expect((await caller.calls(5)).refused).toBe(0))
})
