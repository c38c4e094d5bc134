/**
 * Runs of five steps through the SDK: one worker that does all steps, and starters that wait for each result. With a service's
 * token: what a person starts is written to the audit trail too.
 */
import { connect, saga } from '@holdfast/sdk'
import { serviceToken } from '../e2e/wire.ts'

const SCOPES = ['registry:read', 'policies:read', 'breakers:read', 'sagas:read', 'sagas:write']

export interface SagaLoad {
  /** one run, from its start to its result */
  run(): Promise<unknown>
  close(): void
}

const STEPS = ['reserve', 'charge', 'pack', 'ship', 'notify']
const bench = STEPS.reduce((so, name) => so.step(name, { undo: {} }), saga<{ order: string; amount: number }>('bench'))

export async function openSagaLoad(url: string, worker: string): Promise<SagaLoad> {
  const { token } = await serviceToken(url, worker, SCOPES)
  const holdfast = await connect({ url, token, telemetry: false, requestTimeoutMs: 30_000 })
  await holdfast.sagas.define(bench)
  const handlers = Object.fromEntries(STEPS.map((step) => [step, () => ({ done: step })]))
  holdfast.sagas.worker(handlers, { name: worker, concurrency: 1_000 })
  let orders = 0
  return {
    async run() {
      const order = `${worker}-${++orders}`
      const run = await holdfast.sagas.start(bench, { order, amount: 42 }, { idempotencyKey: order })
      const { status } = await run.result()
      if (status !== 'succeeded') throw new Error(`a run is ${status}`)
    },
    close: () => void holdfast.close(),
  }
}
