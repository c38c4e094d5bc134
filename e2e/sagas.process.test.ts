/**
 * Sagas while workers and the control plane are killed at random. The participants keep a ledger: in the end every run is
 * over, what succeeded is done once and not undone, what was compensated has left nothing behind.
 */
import { afterAll, expect, test } from 'vitest'
import { ADMIN_TOKEN, type Launched, launch, removeFolder } from '@/e2e/launch'
import { Connection } from '@/sdk/connection'

const RUNS = 1_000
const STARTERS = 24
const WORKERS = 3
const TASKS = ['reserve', 'charge', 'pack', 'ship']
const CHAOS_MS = 400

interface Task {
  runId: string
  step: string
  phase: 'do' | 'undo'
  fence: number
  key: string
  doKey: string
  attempt: number
  input: { fate: 'fine' | 'refused' | 'lost'; n: number }
}

const ledger = { effects: new Map<string, Set<string>>(), undone: new Set<string>(), wrong: [] as string[] }

function act(task: Task): 'done' | 'refused' | 'lost' {
  const effects = ledger.effects.get(task.runId) ?? new Set()
  ledger.effects.set(task.runId, effects)
  if (task.phase === 'undo') {
    ledger.undone.add(task.doKey)
    effects.delete(task.doKey)
    return 'done'
  }
  // A do that comes after its undo is refused.
  if (ledger.undone.has(task.key)) return 'refused'
  if (task.step === 'ship' && task.input.fate === 'refused') return 'refused'
  effects.add(task.key)
  return task.step === 'ship' && task.input.fate === 'lost' ? 'lost' : 'done'
}

const time = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

function connectTo(url: string): Promise<Connection> {
  return new Promise((resolve) => {
    const connection = new Connection(url, ADMIN_TOKEN, time, Math.random, {
      opened: () => resolve(connection),
      closed: () => {},
    })
    connection.start()
  })
}

/** A worker that may die at any moment: what it holds is then never reported. */
class Worker {
  #connection: Connection | null = null
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  async start(url: string): Promise<void> {
    const connection = await connectTo(url)
    this.#connection = connection
    const worker = this.#name
    const input = { data: { worker, tasks: TASKS, capacity: 20 } }
    const open = (): void => {
      if (this.#connection !== connection) return
      connection.subscribe('sagas.claim', input, undefined, {
        started: () => {},
        data: (message) => {
          for (const task of (message as { tasks: Task[] }).tasks) void this.#work(connection, task)
        },
        ended: () => void setTimeout(open, 100),
      })
    }
    open()
  }

  async #work(connection: Connection, task: Task): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
    if (this.#connection !== connection) return
    const outcome = act(task)
    // Dead between the effect and its report.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
    if (this.#connection !== connection) return
    const { runId, step, phase, fence } = task
    const ref = { runId, step, phase, fence, worker: this.#name }
    const error = { code: outcome, message: outcome }
    const [path, data] =
      outcome === 'done'
        ? ['sagas.complete', { ...ref, output: step }]
        : [
            'sagas.fail',
            { ...ref, error, outcome: outcome === 'lost' ? 'unknown' : 'failed', retryable: outcome === 'lost' },
          ]
    // A report that is lost is found out by the lease.
    await connection.request('mutation', path as string, { data }, 5_000).catch(() => undefined)
  }

  die(): void {
    const connection = this.#connection
    this.#connection = null
    connection?.close()
  }
}

let controlPlane: Launched
afterAll(async () => {
  await controlPlane?.kill()
  removeFolder(controlPlane.folder)
})

test('S1-S5: a thousand sagas under random kills of workers and server: no orphan, no wrong undo', async () => {
  const env = { HOLDFAST_LOG_LEVEL: 'warn' }
  controlPlane = await launch({ env, until: 'healthz' })
  const { url, port, folder } = controlPlane
  const workers = Array.from({ length: WORKERS }, (_, i) => new Worker(`w${i}`))
  const client = await connectTo(url)
  const again = async <T>(path: string, data: unknown, kind: 'mutation' | 'query' = 'mutation'): Promise<T> => {
    for (;;) {
      try {
        return (await client.request(kind, path, { data }, 5_000)) as T
      } catch (error) {
        if (!(error as { retryable?: boolean }).retryable) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }
  const retry = { initialDelayMs: 20, maxDelayMs: 500 }
  const step = (name: string) => ({
    name,
    action: { type: 'task', task: name },
    leaseMs: 1_000,
    retry: { ...retry, maxAttempts: name === 'ship' ? 3 : 20 },
    undo: { retry },
  })
  const steps = [step('reserve'), { parallel: [step('charge'), step('pack')] }, step('ship')]
  await again('sagas.define', { definition: { name: 'chaos', steps } })
  await Promise.all(workers.map((worker) => worker.start(url)))

  let isOver = false
  let kills = 0
  const chaos = (async () => {
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, CHAOS_MS))
      if (isOver) return
      kills += 1
      if (kills % 4 === 0) {
        await controlPlane.kill()
        controlPlane = await launch({ env, port, folder, until: 'healthz' })
      } else {
        const worker = workers[Math.floor(Math.random() * WORKERS)] as Worker
        worker.die()
        void worker.start(url)
      }
    }
  })()

  const fates = ['fine', 'fine', 'fine', 'refused', 'lost'] as const
  let next = 0
  const started = new Set<string>()
  await Promise.all(
    Array.from({ length: STARTERS }, async () => {
      for (let n = next++; n < RUNS; n = next++) {
        // A fast machine would be done before much has been killed.
        while (kills < n / 100) await new Promise((resolve) => setTimeout(resolve, 10))
        const input = { fate: fates[n % fates.length], n }
        const run = await again<{ runId: string }>('sagas.start', {
          definition: 'chaos',
          input,
          idempotencyKey: `run-${n}`,
        })
        started.add(run.runId)
        if (n % 3 === 0) await again('sagas.result', { runId: run.runId, waitMs: 2_000 }, 'query')
      }
    }),
  )
  expect(started.size).toBe(RUNS)
  const open = async () => {
    const { counts } = await again<{ counts: Record<string, number> }>('sagas.counts', {}, 'query')
    return ['queued', 'running', 'waiting', 'paused', 'compensating'].reduce(
      (n, status) => n + (counts[status] ?? 0),
      0,
    )
  }
  while ((await open()) > RUNS / 20) await new Promise((resolve) => setTimeout(resolve, 200))
  isOver = true
  await chaos
  while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 100))

  const seen = new Map<string, string>()
  for (let before: string | undefined; ; ) {
    type Page = { runs: { id: string; status: string }[]; next: string | null }
    const page: Page = await again<Page>('sagas.list', { limit: 500, ...(before ? { before } : {}) }, 'query')
    for (const run of page.runs) seen.set(run.id, run.status)
    if (page.next === null) break
    before = page.next
  }
  client.close()
  for (const worker of workers) worker.die()
  expect([...seen.keys()].toSorted()).toEqual([...started].toSorted())
  const wrong = [...seen].filter(([runId, status]) => {
    const left = ledger.effects.get(runId)?.size ?? 0
    const undone = TASKS.some((task) => ledger.undone.has(`${runId}:${task}:1:do`))
    if (status === 'succeeded') return left !== TASKS.length || undone
    return status !== 'compensated' || left !== 0
  })
  expect(wrong).toEqual([])
  expect(kills).toBeGreaterThanOrEqual(10)
}, 170_000)
