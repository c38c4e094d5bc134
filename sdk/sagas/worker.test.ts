import { beforeEach, describe, expect, test } from 'vitest'
import { BreakerOpenError, ConflictError, ForbiddenError, NetworkError, ValidationError } from '../../core/errors.ts'
import { seededRandom } from '../../core/random.ts'
import { Events, type HoldfastEvent } from '../events.ts'
import { FakeTime } from '../fake-time.ts'
import { currentTrace } from '../trace.ts'
import { StepAbortedError, StepFailedError, StepRefusedError, StepUnknownError } from './errors.ts'
import { FakeLink, task } from './fake-link.ts'
import type { SagaContext, SagaHandlers } from './handlers.ts'
import { SagaWorker, type SagaWorkerOptions } from './worker.ts'

let link: FakeLink
let time: FakeTime
let events: HoldfastEvent[]

beforeEach(() => {
  link = new FakeLink()
  time = new FakeTime()
  events = []
})

function worker(handlers: SagaHandlers, options: SagaWorkerOptions = {}): SagaWorker {
  return new SagaWorker('w1', handlers, options, {
    connection: link.connection,
    time,
    random: seededRandom(1),
    events: new Events((event) => events.push(event)),
    requestTimeoutMs: 5_000,
    ended: () => undefined,
  })
}

const turn = async (n = 8) => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve))
}
async function pass(ms: number, stepMs = 100): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    time.advance(Math.min(stepMs, left))
    await turn(2)
  }
}
const completed = () => link.sent('sagas.complete')
const failed = () => link.sent('sagas.fail')

/** A handler that ends when it is told to. */
function held() {
  const seen: SagaContext[] = []
  const ends: ((value: unknown) => void)[] = []
  const handler = (_input: unknown, ctx: SagaContext) => {
    seen.push(ctx)
    return new Promise<unknown>((resolve, reject) => {
      ends.push(resolve)
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))
    })
  }
  return { handler, seen, end: (value?: unknown) => ends.shift()?.(value) }
}

describe('a worker', () => {
  test('claims its tasks, works on them and tells what they gave', async () => {
    worker(
      { reserve: async (input: { sku: string }) => ({ reserved: input.sku }), ship: () => 'shipped' },
      { concurrency: 3 },
    )
    expect(link.claims[0]?.data).toEqual({ worker: 'w1', queue: 'default', tasks: ['reserve', 'ship'], capacity: 3 })
    link.hand(task(), task({ step: 'ship', fence: 2 }))
    await turn()
    expect(completed()).toEqual([
      { runId: 'r1', step: 'reserve', phase: 'do', fence: 1, worker: 'w1', output: { reserved: 'a' } },
      { runId: 'r1', step: 'ship', phase: 'do', fence: 2, worker: 'w1', output: 'shipped' },
    ])
  })

  test('tells a handler what it must know', async () => {
    let seen: SagaContext | undefined
    let trace: string | undefined
    worker({
      reserve: (_input, ctx) => {
        seen = ctx
        trace = currentTrace()?.traceId
      },
    })
    link.hand(task({ attempt: 3, fence: 7, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }))
    await turn()
    expect(seen).toMatchObject({
      runId: 'r1',
      saga: 'order',
      step: 'reserve',
      attempt: 3,
      fence: 7,
      idempotencyKey: 'r1:reserve:1:do',
      deadline: time.wall() + 60_000,
    })
    expect([trace, seen?.trace.parentId]).toEqual(['a'.repeat(32), 'b'.repeat(16)])
    expect(completed()[0]).toMatchObject({ output: null })
  })

  test('steps of one run share a trace also when nobody began one', async () => {
    const traces: (string | undefined)[] = []
    worker({ work: () => void traces.push(currentTrace()?.traceId) })
    link.hand(task({ task: 'work' }), task({ task: 'work', step: 'b' }), task({ task: 'work', runId: 'r2' }))
    await turn()
    expect(traces[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(traces[1]).toBe(traces[0])
    expect(traces[2]).not.toBe(traces[0])
  })

  test.each([
    ['refused', new StepRefusedError('CARD_DECLINED', 'no'), 'CARD_DECLINED', 'failed', false, null],
    ['failed for now', new StepFailedError('BUSY', 'no', { retryAfterMs: 500 }), 'BUSY', 'failed', true, 500],
    ['unknown', new StepUnknownError('NO_ANSWER', 'no'), 'NO_ANSWER', 'unknown', true, null],
    ['any other error: it may have happened', new TypeError('x is undefined'), 'TypeError', 'unknown', true, null],
    [
      'an open breaker: never sent',
      new BreakerOpenError('open', { retryAfterMs: 9 }),
      'BREAKER_OPEN',
      'failed',
      true,
      9,
    ],
    ['never sent', new NetworkError('no', { details: { sent: false } }), 'NETWORK', 'failed', true, null],
    ['broke off', new NetworkError('broke'), 'NETWORK', 'unknown', true, null],
    ['no error at all', 'oops', 'ERROR', 'unknown', true, null],
  ] as const)('%s', async (_what, thrown, code, outcome, retryable, retryAfterMs) => {
    worker({
      reserve: () => {
        throw thrown
      },
    })
    link.hand(task())
    await turn()
    expect(failed()).toMatchObject([{ error: { code }, outcome, retryable, retryAfterMs, fence: 1, worker: 'w1' }])
    expect(completed()).toEqual([])
  })

  test('has no undo for a task: says so for good, so that a person sees it', async () => {
    worker({ reserve: () => null })
    link.hand(task({ phase: 'undo' }))
    await turn()
    expect(failed()).toMatchObject([{ error: { code: 'NO_HANDLER' }, retryable: false }])
  })

  test('an output that cannot travel: what was done is there, so it is unknown', async () => {
    const loop: Record<string, unknown> = {}
    loop.self = loop
    worker({ reserve: () => loop, ship: () => 'x'.repeat(10) })
    link.answers.set('sagas.complete', () => {
      throw new ValidationError('The output is too large')
    })
    link.hand(task(), task({ step: 'ship' }))
    await turn()
    expect(failed()).toMatchObject([
      { step: 'reserve', outcome: 'unknown' },
      { step: 'ship', error: { code: 'OUTPUT_REFUSED' }, outcome: 'unknown', retryable: false },
    ])
  })

  test.each([
    [{}, 'at least one task'],
    [{ a: { undo: () => null } as never }, '"a" has no "do"'],
  ])('%o is refused', (handlers, message) => {
    expect(() => worker(handlers as SagaHandlers)).toThrow(message)
  })
})

describe('leases', () => {
  test('are kept while the handler works, every third of their time', async () => {
    const { handler, end } = held()
    worker({ reserve: handler })
    link.hand(task({ leaseMs: 3_000 }))
    await pass(10_000)
    const beats = link.sent('sagas.heartbeat')
    expect(beats.length).toBeGreaterThanOrEqual(6)
    expect(beats.length).toBeLessThanOrEqual(12)
    expect(beats[0]).toEqual({
      worker: 'w1',
      leases: [{ runId: 'r1', step: 'reserve', phase: 'do', fence: 1 }],
    })
    end('done')
    await turn()
    expect(completed()).toHaveLength(1)
    const before = link.sent('sagas.heartbeat').length
    await pass(5_000)
    expect(link.sent('sagas.heartbeat')).toHaveLength(before)
    expect(time.waiting).toBe(0)
  })

  test('S5: one that the control plane has given up is lost: the signal says so, the late result is refused', async () => {
    let finish = (_value: unknown) => {}
    let signal: AbortSignal | undefined
    worker({
      // It does not listen.
      reserve: (_input, ctx) => {
        signal = ctx.signal
        return new Promise((resolve) => {
          finish = resolve
        })
      },
    })
    link.hand(task({ leaseMs: 3_000 }))
    link.answers.set('sagas.heartbeat', () => ({ lost: [0], cancel: [] }))
    await pass(1_500)
    expect(signal?.reason).toMatchObject({ why: 'lease-lost' })
    expect(events).toMatchObject([{ type: 'sagaLeaseLost', runId: 'r1', step: 'reserve', fence: 1 }])
    const beats = link.sent('sagas.heartbeat').length
    await pass(3_000)
    expect(link.sent('sagas.heartbeat')).toHaveLength(beats)
    link.answers.set('sagas.complete', () => {
      throw new ConflictError('The lease is over', { details: { cause: 'stale' } })
    })
    finish('late')
    await turn()
    await pass(5_000)
    expect(completed()).toHaveLength(1)
    expect(events).toHaveLength(2)
  })

  test('one that cannot be kept is lost in time, before the control plane may give it away', async () => {
    const { handler, seen } = held()
    worker({ reserve: handler })
    link.hand(task({ leaseMs: 3_000 }))
    link.isOpen = false
    await pass(2_600)
    expect(seen[0]?.signal.aborted).toBe(false)
    await pass(100)
    expect(seen[0]?.signal.reason).toMatchObject({ why: 'lease-lost' })
  })

  test('an attempt that takes too long is called off, and says that nobody knows', async () => {
    const { handler } = held()
    worker({ reserve: handler })
    link.hand(task({ timeoutMs: 1_000 }))
    await pass(1_000)
    expect(failed()).toMatchObject([{ error: { code: 'TIMEOUT' }, outcome: 'unknown', retryable: true }])
  })

  test('a do whose run is being undone may stop', async () => {
    const { handler, seen } = held()
    worker({ reserve: handler })
    link.hand(task({ leaseMs: 3_000 }))
    link.answers.set('sagas.heartbeat', () => ({ lost: [], cancel: [0] }))
    await pass(1_200)
    expect(seen[0]?.signal.reason).toMatchObject({ why: 'undoing' })
    expect(failed()).toMatchObject([{ error: { code: 'UNDOING' }, outcome: 'unknown' }])
  })

  test('ctx.heartbeat shows progress at once, and throws when the lease is gone', async () => {
    const outcomes: unknown[] = []
    worker({
      reserve: async (_input, ctx) => {
        await ctx.heartbeat({ share: 0.5 })
        link.answers.set('sagas.heartbeat', () => ({ lost: [0], cancel: [] }))
        await ctx.heartbeat().catch((error: unknown) => outcomes.push(error))
      },
    })
    link.hand(task())
    await turn()
    expect(link.sent('sagas.heartbeat')[0]).toMatchObject({ leases: [{ progress: { share: 0.5 } }] })
    expect(outcomes[0]).toBeInstanceOf(StepAbortedError)
  })
})

describe('without the control plane', () => {
  test('a result is told again and again until it is heard, and the work is not done twice', async () => {
    let times = 0
    const w = worker({
      reserve: () => {
        times += 1
        link.isOpen = false
        return 'done'
      },
    })
    link.hand(task())
    await turn()
    w.connectionClosed()
    await pass(2_000)
    expect(completed()).toHaveLength(0)
    expect(w.running).toBe(1)
    link.isOpen = true
    w.connectionOpened()
    // Handed out again, since the control plane has not heard of it yet.
    link.hand(task())
    await turn()
    link.hand(task())
    await pass(3_000)
    expect([times, completed().length, w.running]).toEqual([1, 1, 0])
  })

  test('a claim that is refused is tried again, ever less often, and tells', async () => {
    worker({ reserve: () => null })
    link.refuseClaim(new ForbiddenError('no scope'))
    expect(link.claims).toHaveLength(0)
    await pass(300)
    expect(link.claims).toHaveLength(1)
    link.refuseClaim(new ForbiddenError('no scope'))
    await pass(20_000)
    expect(link.claims).toHaveLength(1)
    expect(events.map((event) => event.type)).toEqual(['problem', 'problem'])
  })
})

describe('close', () => {
  test('takes no more, but what was under way to it, and lets work in hand end', async () => {
    const { handler, end } = held()
    const w = worker({ reserve: handler, ship: () => 'shipped' })
    link.hand(task())
    const claim = link.claims[0]
    const closing = w.close()
    expect(w.claiming).toBe(false)
    claim?.handlers.data({ seq: 2, tasks: [task({ step: 'ship', fence: 2 })] }, '2')
    await turn()
    expect(link.claims).toHaveLength(0)
    expect(completed()).toMatchObject([{ step: 'ship' }])
    end('reserved')
    await closing
    expect(completed()).toMatchObject([{ step: 'ship' }, { step: 'reserve', output: 'reserved' }])
    expect(time.waiting).toBe(0)
  })

  test('calls off what does not end in time, and says that nobody knows', async () => {
    const { handler } = held()
    const w = worker({ reserve: handler, deaf: () => new Promise(() => undefined) }, { drainTimeoutMs: 1_000 })
    link.hand(task(), task({ step: 'deaf', fence: 2 }))
    const closing = w.close()
    await pass(2_000)
    await closing
    // The one that does not listen says nothing: its lease ends by itself, later than it could do harm.
    expect(failed()).toMatchObject([{ step: 'reserve', error: { code: 'CLOSING' }, outcome: 'unknown' }])
  })
})
