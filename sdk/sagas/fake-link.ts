/** A connection to a control plane of sagas whose every answer a test decides. */
import { type HoldfastError, NetworkError } from '../../core/errors.ts'
import type { Envelope } from '../api.ts'
import type { Connection, SubscriptionHandlers } from '../connection.ts'
import type { SagaTask } from './api.ts'

type Data = Record<string, unknown>

export class FakeLink {
  isOpen = true
  readonly calls: { path: string; id: string | undefined; data: Data }[] = []
  /** what a path answers; throws to refuse */
  readonly answers = new Map<string, (data: Data) => unknown>()
  /** claims that are open */
  claims: { data: Data; handlers: SubscriptionHandlers }[] = []

  /** Stands in for the real one. */
  get connection(): Connection {
    return this as unknown as Connection
  }

  async call(path: string, { id, data }: Envelope<Data>): Promise<unknown> {
    if (!this.isOpen) throw new NetworkError('There is no connection')
    this.calls.push({ path, id, data })
    const answer = this.answers.get(path)
    if (answer) return answer(data)
    return path === 'sagas.heartbeat' ? { lost: [], cancel: [] } : { status: 'running', repeated: false }
  }

  subscribe(_path: string, input: unknown, _from: unknown, handlers: SubscriptionHandlers) {
    const claim = { data: (input as Envelope<Data>).data, handlers }
    this.claims.push(claim)
    return (linger = false) => {
      this.claims = this.claims.filter((one) => one !== claim)
      if (linger) setImmediate(() => handlers.ended(null))
    }
  }

  hand(...tasks: SagaTask[]): void {
    this.claims.at(-1)?.handlers.data({ seq: 1, tasks }, '1')
  }

  refuseClaim(error: HoldfastError): void {
    this.claims.pop()?.handlers.ended(error)
  }

  sent(path: string): Data[] {
    return this.calls.filter((call) => call.path === path).map((call) => call.data)
  }
}

export function task(change: Partial<SagaTask> = {}): SagaTask {
  const { runId = 'r1', step = 'reserve', phase = 'do' } = change
  const half = phase === 'undo' ? 'undo' : 'do'
  return {
    runId,
    definition: 'order',
    version: 1,
    step,
    phase,
    task: step,
    queue: 'default',
    iteration: 1,
    attempt: 1,
    fence: 1,
    key: `${runId}:${step}:1:${half}`,
    doKey: `${runId}:${step}:1:do`,
    input: { sku: 'a' },
    attributes: {},
    traceparent: null,
    leaseMs: 30_000,
    timeoutMs: 60_000,
    ...change,
  }
}
