/** Runs of five steps over the SDK's connection: one worker that does all steps, and starters that wait for each result. */

import { ADMIN_TOKEN } from '../e2e/launch.ts'
import { Connection } from '../sdk/connection.ts'

interface Task {
  runId: string
  step: string
  phase: string
  fence: number
}

export interface SagaLoad {
  /** one run, from its start to its result */
  run(): Promise<unknown>
  close(): void
}

const STEPS = ['reserve', 'charge', 'pack', 'ship', 'notify']

export async function openSagaLoad(url: string, worker: string): Promise<SagaLoad> {
  const time = {
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    after(ms: number, run: () => void) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  }
  const opened = deferred()
  const connection = new Connection(url, ADMIN_TOKEN, time, Math.random, {
    opened: () => opened.resolve(),
    closed: () => {},
  })
  connection.start()
  await opened.promise
  const mutate = (path: string, data: unknown) => connection.request('mutation', path, { data }, 30_000)
  const steps = STEPS.map((name) => ({ name, action: { type: 'task', task: name }, undo: {} }))
  await mutate('sagas.define', { definition: { name: 'bench', steps } })
  const claimed = deferred()
  connection.subscribe('sagas.claim', { data: { worker, tasks: STEPS, capacity: 1_000 } }, undefined, {
    started: () => {},
    data(message) {
      claimed.resolve()
      for (const task of (message as { tasks: Task[] }).tasks) {
        const { runId, step, phase, fence } = task
        // The last answers are not waited for: the run's result may be there before them.
        mutate('sagas.complete', { runId, step, phase, fence, worker, output: { done: step } }).catch(() => {})
      }
    },
    ended: (error) => claimed.reject(error ?? new Error('the claim has ended')),
  })
  await claimed.promise
  let orders = 0
  return {
    async run() {
      const order = `${worker}-${++orders}`
      const started = (await mutate('sagas.start', {
        definition: 'bench',
        input: { order, amount: 42 },
        idempotencyKey: order,
      })) as { runId: string }
      const result = (await connection.request(
        'query',
        'sagas.result',
        { data: { runId: started.runId } },
        60_000,
      )) as {
        status: string
      }
      if (result.status !== 'succeeded') throw new Error(`a run is ${result.status}`)
    },
    close: () => connection.close(),
  }
}

/** Promise.withResolvers, which Node 20 does not have. */
function deferred(): { promise: Promise<void>; resolve(): void; reject(error: Error): void } {
  let resolve = () => {}
  let reject = (_error: Error) => {}
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
