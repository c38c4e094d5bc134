/** For tests: sagas on a real database file, with a clock that moves only when told to, and workers that follow a script. */
import { pino } from 'pino'
import { FakeClock } from '../core/clock.ts'
import type { Instance } from '../core/instance.ts'
import { seededRandom } from '../core/random.ts'
import type { Json, SagaSpec } from '../core/saga/definition.ts'
import type { Breakpoint, HistoryEvent } from '../core/saga/event.ts'
import type { Operation } from '../core/saga/operate.ts'
import type { RunState } from '../core/saga/state.ts'
import { type RunView, viewOf } from '../core/saga/view.ts'
import type { Store } from '../db/store.ts'
import { type TestStore, testStore } from '../db/test-store.ts'
import type { HttpRequest, HttpResponse, Outbound } from './outbound.ts'
import { historyOf } from './sagas/book.ts'
import { define } from './sagas/define.ts'
import { type RedriveInput, redriveRun, type StartedRun, type StartInput, startRun } from './sagas/start.ts'
import type { StepBreakers } from './sagas/step-breakers.ts'
import type { SagaTask } from './sagas/task.ts'
import { Sagas } from './sagas.ts'

export const ACTOR = 'token:fleet'

/** What a participant does with a task: returns its output, or throws `Refusal`; `silent` never answers. */
export type Participant = (task: SagaTask) => Json | Refusal | 'silent'

/** whose task it is */
const holders = new WeakMap<SagaTask, string>()

export class Refusal {
  readonly code: string
  readonly outcome: 'failed' | 'unknown'
  readonly retryable: boolean

  constructor(code: string, options: { outcome?: 'failed' | 'unknown'; retryable?: boolean } = {}) {
    this.code = code
    this.outcome = options.outcome ?? 'failed'
    this.retryable = options.retryable ?? false
  }
}

export interface TestSagas extends AsyncDisposable {
  clock: FakeClock
  file: TestStore
  sagas: Sagas
  /** every task that a worker was given, as `phase step` */
  trace: string[]
  inbox: SagaTask[]
  calls: HttpRequest[]
  answer: (request: HttpRequest) => { status: number; body?: Json } | Error
  define(spec: SagaSpec): Promise<number>
  start(definition: string, more?: Partial<StartInput>): Promise<StartedRun>
  redrive(redrive: RedriveInput): Promise<StartedRun>
  operate(runId: string, operation: Operation, expectedSeq?: number): Promise<RunState>
  signal(runId: string, signal: string, payload?: Json): Promise<RunState>
  /** makes workers for these tasks known */
  work(tasks: string[], options?: { worker?: string; capacity?: number; queue?: string }): () => void
  /** answers what the workers were given, until nothing more comes at this time */
  serve(participant: Participant): Promise<void>
  /** serves while time passes, in steps */
  pass(ms: number, participant: Participant, stepMs?: number): Promise<void>
  settle(): Promise<void>
  state(runId: string): Promise<RunState>
  view(runId: string): Promise<RunView>
  history(runId: string): Promise<HistoryEvent[]>
  /** ends the process without a goodbye and starts another on the same file; workers are gone */
  restart(downMs?: number): Promise<void>
}

export async function testSagas(
  options: { wrap?: (store: Store) => Store; instances?: Record<string, string>; breakers?: StepBreakers } = {},
): Promise<TestSagas> {
  const clock = new FakeClock()
  const file = await testStore(clock)
  const wrap = options.wrap ?? ((store: Store) => store)
  const random = seededRandom(7)
  const make = async () => {
    const sagas = new Sagas({
      store: wrap(file.store),
      clock,
      random,
      log: pino({ level: process.env.SAGA_LOG ?? 'silent' }),
      registry: registryOf(options.instances ?? {}),
      outbound: outboundOf(t),
      breakers: options.breakers,
    })
    await sagas.start()
    return sagas
  }
  const origin = { actor: 'user:ada', operationId: null }
  const t: TestSagas = {
    clock,
    file,
    sagas: undefined as unknown as Sagas,
    trace: [],
    inbox: [],
    calls: [],
    answer: () => ({ status: 200, body: {} }),
    define: async (spec) => (await t.sagas.engine.transact(origin, (tx) => define(tx, spec))).version,
    start: (definition, more = {}) =>
      t.sagas.engine.transact(origin, (tx) =>
        startRun(
          t.sagas.engine,
          tx,
          { definition, input: {}, attributes: {}, breakpoints: [] as Breakpoint[], paused: false, ...more },
          null,
        ),
      ),
    redrive: (redrive) =>
      t.sagas.engine.transact(origin, (tx) =>
        redriveRun(t.sagas.engine, tx, redrive, { actor: 'user:ada', reason: 'again' }),
      ),
    operate: (runId, operation, expectedSeq) =>
      t.sagas.engine.transact(origin, (tx) => t.sagas.operate(tx, runId, operation, 'because', expectedSeq)),
    signal: (runId, signal, payload = null) =>
      t.sagas.engine.transact(origin, (tx) => t.sagas.signal(tx, runId, signal, payload, null)),
    work: (tasks, { worker = 'w1', capacity = 100, queue = 'default' } = {}) =>
      t.sagas.openWorker({
        worker,
        actor: ACTOR,
        keys: tasks.map((task) => `${queue}/${task}`),
        capacity,
        push: (task) => {
          holders.set(task, worker)
          t.trace.push(task.phase === 'do' ? task.step : `${task.phase} ${task.step}`)
          t.inbox.push(task)
        },
      }),
    async serve(participant) {
      await t.settle()
      while (t.inbox.length > 0) {
        for (const task of t.inbox.splice(0)) await answerTask(t, task, participant)
        await t.settle()
      }
    },
    async pass(ms, participant, stepMs = 250) {
      for (let left = ms; left > 0; left -= stepMs) {
        clock.advance(Math.min(stepMs, left))
        t.sagas.tick()
        t.sagas.sweep()
        await t.sagas.schedules.tick()
        await t.serve(participant)
      }
    },
    async settle() {
      for (let quiet = 0; quiet < 3; ) {
        const before = t.sagas.engine.decisions
        await new Promise((resolve) => setImmediate(resolve))
        quiet = before === t.sagas.engine.decisions && file.store.waiting === 0 ? quiet + 1 : 0
      }
    },
    state: (runId) => file.store.read(async (tx) => (await t.sagas.engine.book.load(tx, runId)).state),
    view: (runId) =>
      file.store.read(async (tx) => {
        const { definition, state } = await t.sagas.engine.book.load(tx, runId)
        return viewOf(definition, state)
      }),
    history: (runId) => file.store.read((tx) => historyOf(tx, runId)),
    async restart(downMs = 0) {
      t.sagas.stop()
      t.inbox.length = 0
      clock.advance(downMs)
      await file.reopen()
      t.sagas = await make()
    },
    async [Symbol.asyncDispose]() {
      t.sagas.stop()
      await t.settle()
      await file[Symbol.asyncDispose]()
    },
  }
  t.sagas = await make()
  return t
}

async function answerTask(t: TestSagas, task: SagaTask, participant: Participant): Promise<void> {
  const answer = participant(task)
  if (answer === 'silent') return
  const { runId, step, phase, fence } = task
  const ref = { step, phase, fence, worker: holders.get(task) ?? 'nobody' }
  if (!(answer instanceof Refusal)) {
    await t.sagas.complete(ACTOR, runId, ref, answer)
    return
  }
  const { code, outcome, retryable } = answer
  await t.sagas.fail(ACTOR, runId, ref, { error: { code, message: code }, outcome, retryable, retryAfterMs: null })
}

function registryOf(instances: Record<string, string>) {
  return {
    discover: async ({ name }: { name: string }) => ({
      instances: instances[name]
        ? [{ id: `${name}-1`, service: name, address: instances[name], weight: 100 } as unknown as Instance]
        : [],
    }),
  } as never
}

function outboundOf(t: TestSagas): Outbound {
  return {
    async http(request): Promise<HttpResponse> {
      t.calls.push(request)
      const answer = t.answer(request)
      if (answer instanceof Error) throw answer
      return {
        status: answer.status,
        headers: {},
        body: Buffer.from(JSON.stringify(answer.body ?? null)),
        truncated: false,
        durationMs: 1,
        remote: '127.0.0.1',
      }
    },
    tcp: () => Promise.reject(new Error('not called here')),
    stats: () => ({ inFlight: 0, calls: 0, refused: 0 }),
  }
}
