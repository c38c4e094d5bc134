import { describe, expect, test } from 'vitest'
import type { SagaSpec } from '../core/saga/definition.ts'
import { type Participant, Refusal, testSagas } from './test-sagas.ts'

const ORDER: SagaSpec = {
  name: 'order',
  steps: [
    { name: 'reserve', action: { type: 'task', task: 'reserve' }, undo: {} },
    { name: 'charge', action: { type: 'task', task: 'charge' }, undo: {} },
    { name: 'ship', action: { type: 'task', task: 'ship' }, retry: { maxAttempts: 4 } },
  ],
}
const TASKS = ['reserve', 'charge', 'ship']
const fine: Participant = (task) => ({ did: task.step })

describe('a run', () => {
  test('runs its steps in order and ends', async () => {
    await using t = await testSagas()
    await t.define(ORDER)
    t.work(TASKS)
    const { runId } = await t.start('order', { input: { sku: 'a' } })
    await t.serve(fine)
    expect(t.trace).toEqual(['reserve', 'charge', 'ship'])
    const view = await t.view(runId)
    expect(view).toMatchObject({ status: 'succeeded', direction: 'forward', steps: { total: 3, done: 3 } })
    expect(view.lanes.map((lane) => [lane.do.status, lane.undo.status])).toEqual([
      ['succeeded', 'not-needed'],
      ['succeeded', 'not-needed'],
      ['succeeded', 'not-needed'],
    ])
    expect(t.sagas.engine.book.counts().succeeded).toBe(1)
  })

  test('the public order saga: reserve, charge, ship four times, refund, release', async () => {
    await using t = await testSagas()
    await t.define(ORDER)
    t.work(TASKS)
    const { runId } = await t.start('order')
    const participant: Participant = (task) =>
      task.step === 'ship' ? new Refusal('HTTP_503', { outcome: 'unknown', retryable: true }) : fine(task)
    await t.serve(participant)
    await t.pass(10_000, participant)
    expect(t.trace).toEqual(['reserve', 'charge', 'ship', 'ship', 'ship', 'ship', 'undo charge', 'undo reserve'])
    expect(await t.view(runId)).toMatchObject({ status: 'compensated', direction: 'backward' })
  })
})

const TRAVEL: SagaSpec = {
  name: 'travel',
  steps: [
    {
      parallel: ['hotel', 'car', 'flight'].map((name) => ({
        name,
        action: { type: 'task', task: 'book' } as const,
        undo: { retry: { maxAttempts: 3 } },
      })),
    },
    { name: 'charge', action: { type: 'task', task: 'book' }, undo: {} },
    { name: 'confirm', action: { type: 'task', task: 'book' }, undo: {} },
    { name: 'mail', action: { type: 'task', task: 'book' } },
  ],
}

describe('a travel saga and its six failure points', () => {
  test.each([
    ['hotel', ['car', 'flight']],
    ['car', ['flight', 'hotel']],
    ['flight', ['car', 'hotel']],
    ['charge', ['car', 'flight', 'hotel']],
    ['confirm', ['car', 'charge', 'flight', 'hotel']],
    ['mail', ['car', 'charge', 'confirm', 'flight', 'hotel']],
  ])('%s fails: exactly what was booked is undone', async (failing, undone) => {
    await using t = await testSagas()
    await t.define(TRAVEL)
    t.work(['book'])
    const { runId } = await t.start('travel')
    await t.serve((task) => (task.step === failing && task.phase === 'do' ? new Refusal('FULL') : fine(task)))
    const view = await t.view(runId)
    expect(view.status).toBe('compensated')
    expect(
      view.lanes
        .filter((l) => l.undo.status === 'compensated')
        .map((l) => l.name)
        .sort(),
    ).toEqual(undone)
  })

  test('an undo that fails for good is stuck, in sight; the others go on, and a person ends it', async () => {
    await using t = await testSagas()
    await t.define(TRAVEL)
    t.work(['book'])
    const { runId } = await t.start('travel')
    const participant: Participant = (task) => {
      if (task.step === 'charge' && task.phase === 'do') return new Refusal('NO_FUNDS')
      return task.step === 'car' && task.phase === 'undo' ? new Refusal('DOWN', { retryable: true }) : fine(task)
    }
    await t.serve(participant)
    await t.pass(5_000, participant)
    const view = await t.view(runId)
    expect(view).toMatchObject({
      status: 'stuck',
      attention: 'the undo of car is stuck',
      steps: { undone: 2, owed: 1 },
    })
    expect((await t.sagas.reads.parked(null, 10)).runs.map((run) => run.id)).toEqual([runId])
    expect(t.sagas.reads.counts().waiting).toBe(1)
    await t.restart()
    expect(t.sagas.reads.counts().waiting).toBe(1)
    expect((await t.view(runId)).status).toBe('stuck')
    await t.operate(runId, { type: 'waive', step: 'car' })
    expect((await t.view(runId)).status).toBe('partially-compensated')
    expect(await t.sagas.reads.parked(null, 10)).toMatchObject({ runs: [], waiting: 0 })
    const [entry] = await t.file.store.read((tx) => tx.q.audit.list({ limit: 1 }))
    expect(entry).toMatchObject({ action: 'saga.waive', target: `saga/${runId}`, reason: 'because' })
  })
})

describe('a pivot', () => {
  const PIVOT: SagaSpec = {
    name: 'pivot',
    steps: [
      { name: 'hold', action: { type: 'task', task: 't' }, undo: {} },
      { name: 'pay', kind: 'pivot', action: { type: 'task', task: 't' }, retry: { maxAttempts: 1 } },
      {
        name: 'ship',
        kind: 'retriable',
        action: { type: 'task', task: 't' },
        retry: { maxAttempts: 2, initialDelayMs: 1 },
      },
    ],
  }

  test('after it nothing is undone: retried, then parked; cancel is refused; a retry ends it', async () => {
    await using t = await testSagas()
    await t.define(PIVOT)
    t.work(['t'])
    const { runId } = await t.start('pivot')
    const participant: Participant = (task) =>
      task.step === 'ship' ? new Refusal('DOWN', { retryable: true }) : fine(task)
    await t.serve(participant)
    await t.pass(1_000, participant)
    expect(t.trace).toEqual(['hold', 'pay', 'ship', 'ship'])
    expect((await t.view(runId)).status).toBe('stuck')
    await expect(t.operate(runId, { type: 'cancel' })).rejects.toThrow(/past its pivot/)
    await t.operate(runId, { type: 'retryStep', step: 'ship', phase: 'do', newKey: false })
    await t.serve(fine)
    expect((await t.view(runId)).status).toBe('succeeded')
  })

  test('whether it happened is unknown: neither way is taken until a person knows', async () => {
    await using t = await testSagas()
    await t.define(PIVOT)
    t.work(['t'])
    const { runId } = await t.start('pivot')
    const lost: Participant = (task) =>
      task.step === 'pay' ? new Refusal('TIMEOUT', { outcome: 'unknown' }) : fine(task)
    await t.serve(lost)
    expect((await t.view(runId)).status).toBe('stuck')
    await t.operate(runId, { type: 'resolveUnknown', step: 'pay', happened: false, output: null })
    await t.serve(fine)
    expect(await t.view(runId)).toMatchObject({ status: 'compensated' })
    expect(t.trace.at(-1)).toBe('undo hold')
  })
})

describe('starting', () => {
  test('the same key gives the same run, with another input it is a Conflict, also after a restart', async () => {
    await using t = await testSagas()
    await t.define(ORDER)
    const first = await t.start('order', { input: { a: 1, b: 2 }, idempotencyKey: 'k' })
    expect(await t.start('order', { input: { b: 2, a: 1 }, idempotencyKey: 'k' })).toMatchObject({
      runId: first.runId,
      existing: true,
    })
    await t.restart()
    await expect(t.start('order', { input: { a: 2 }, idempotencyKey: 'k' })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(t.start('nothing')).rejects.toThrow(/Define it first/)
    await expect(t.start('order', { input: 'x'.repeat(300_000) })).rejects.toThrow(/allowed/)
  })

  test('S6: a run keeps its version', async () => {
    await using t = await testSagas()
    await t.define(ORDER)
    const { runId } = await t.start('order')
    expect(await t.define(ORDER)).toBe(1)
    expect(await t.define({ ...ORDER, steps: ORDER.steps.slice(0, 1) })).toBe(2)
    await t.restart()
    t.work(TASKS)
    await t.serve(fine)
    expect(await t.view(runId)).toMatchObject({ version: 1, steps: { total: 3, done: 3 } })
  })

  test('no more at once than the definition allows; the others are queued in order', async () => {
    await using t = await testSagas()
    await t.define({ ...ORDER, concurrency: 1 })
    const runs = [await t.start('order'), await t.start('order'), await t.start('order')]
    expect(runs.map((run) => run.status)).toEqual(['running', 'queued', 'queued'])
    await t.restart()
    t.work(TASKS)
    await t.serve(fine)
    for (const { runId } of runs) expect((await t.view(runId)).status).toBe('succeeded')
    expect(t.trace).toEqual([...TASKS, ...TASKS, ...TASKS])
  })
})

describe('workers', () => {
  test('S5: a silent worker loses its lease; its late result is refused by its fence; the key stays the same', async () => {
    await using t = await testSagas()
    await t.define(ORDER)
    t.work(['reserve'], { worker: 'slow' })
    const { runId } = await t.start('order')
    await t.settle()
    const late = t.inbox.splice(0)[0]
    await t.pass(31_000, () => 'silent')
    const again = t.inbox.at(-1) ?? late
    const ref = { step: 'reserve', phase: 'do' as const, fence: late?.fence ?? 0, worker: 'slow' }
    await expect(t.sagas.complete('token:fleet', runId, ref, null)).rejects.toMatchObject({ code: 'CONFLICT' })
    const state = await t.state(runId)
    expect(state.steps.reserve?.do).toMatchObject({ maybe: true, attempts: 2 })
    expect(again?.key).toBe(`${runId}:reserve:1:do`)
    await expect(t.sagas.complete('token:thief', runId, { ...ref, fence: state.fence }, null)).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  test('an answer that was lost is given again', async () => {
    await using t = await testSagas()
    await t.define(ORDER)
    t.work(['reserve'])
    const { runId } = await t.start('order')
    await t.settle()
    const task = t.inbox.splice(0)[0]
    const ref = { step: 'reserve', phase: 'do' as const, fence: task?.fence ?? 0, worker: 'w1' }
    expect(await t.sagas.complete('token:fleet', runId, ref, 1)).toMatchObject({ repeated: false })
    expect(await t.sagas.complete('token:fleet', runId, ref, 1)).toMatchObject({ repeated: true })
  })
})

describe('the debugger', () => {
  test('start paused, step over, stop on an undo, edit, skip, force, redrive as a fork, across restarts', async () => {
    await using t = await testSagas()
    await t.define(ORDER)
    const { runId } = await t.start('order', {
      paused: true,
      breakpoints: [{ step: 'reserve', at: 'undo', once: false }],
    })
    t.work(TASKS)
    await t.serve(fine)
    expect(t.trace).toEqual([])
    expect(await t.view(runId)).toMatchObject({
      status: 'paused',
      quiesced: true,
      next: [{ step: 'reserve', phase: 'do' }],
    })
    await t.operate(runId, { type: 'editInput', step: 'reserve', phase: 'do', input: { edited: true } })
    await t.operate(runId, { type: 'step' })
    await t.serve((task) => task.input)
    expect(await t.view(runId)).toMatchObject({
      status: 'paused',
      plan: { outcome: 'undo', stages: [[{ step: 'reserve' }]] },
    })
    expect((await t.state(runId)).steps.reserve?.do.output).toEqual({ edited: true })
    await t.restart()
    t.work(TASKS)
    const seen = (await t.state(runId)).seq
    await t.operate(runId, { type: 'skipStep', step: 'charge', output: null }, seen)
    await expect(t.operate(runId, { type: 'resume' }, seen)).rejects.toThrow(/moved on/)
    await t.operate(runId, { type: 'continue' })
    await t.serve((task) => (task.step === 'ship' ? new Refusal('NO') : fine(task)))
    expect(await t.view(runId)).toMatchObject({ status: 'paused', attention: 'stopped before the undo of reserve' })
    await t.operate(runId, { type: 'force', step: 'reserve' })
    await t.operate(runId, { type: 'resume' })
    expect((await t.view(runId)).status).toBe('compensated')
    await expect(t.operate(runId, { type: 'pause' })).rejects.toThrow(/has ended/)
    await expect(t.signal(runId, 'late')).rejects.toThrow(/takes no signals/)
    const again = { runId, keys: 'new' as const, paused: false }
    await expect(t.redrive({ ...again, step: 'ship' })).rejects.toThrow(/was undone/)
    const fork = await t.redrive({ ...again, step: 'reserve' })
    await t.operate(fork.runId, { type: 'clearBreakpoint', step: 'reserve', at: 'undo' })
    await t.serve(fine)
    expect(await t.view(fork.runId)).toMatchObject({ status: 'succeeded', redriveOf: { runId, keys: 'new' } })
  })
})

describe('waiting and calling', () => {
  test('timers and signals last across a restart; a child saga answers its parent; cancel reaches it', async () => {
    await using t = await testSagas()
    await t.define({ name: 'child', steps: [{ name: 'ask', action: { type: 'signal', signal: 'go' } }] })
    await t.define({
      name: 'parent',
      steps: [
        { name: 'pause', action: { type: 'timer', ms: 60_000 } },
        { name: 'sub', action: { type: 'saga', definition: 'child' } },
      ],
    })
    const { runId } = await t.start('parent')
    expect((await t.view(runId)).status).toBe('waiting')
    await t.restart(59_000)
    await t.pass(2_000, fine)
    const child = (await t.state(runId)).steps.sub?.do.waitFor
    const childId = child?.type === 'child' ? child.runId : ''
    await t.signal(childId, 'go', { by: 'ada' })
    await t.settle()
    expect(await t.view(runId)).toMatchObject({ status: 'succeeded' })
    expect((await t.state(runId)).steps.sub?.do.output).toEqual({ ask: { by: 'ada' } })
    const second = await t.start('parent')
    await t.pass(61_000, fine, 1_000)
    await t.operate(second.runId, { type: 'cancel' })
    await t.settle()
    // Its first step was done and has nothing to undo; the child had not begun.
    expect(t.sagas.engine.book.counts()).toMatchObject({ cancelled: 1, failed: 1, waiting: 0, running: 0 })
  })

  test('HTTP steps carry their key; a 503 leaves the outcome unknown, a 409 says that nothing happened', async () => {
    await using t = await testSagas({ instances: { stock: '10.0.0.1:80' } })
    const call = (path: string) => ({ type: 'http', service: 'stock', method: 'POST', path }) as const
    await t.define({
      name: 'http',
      steps: [
        {
          name: 'reserve',
          action: call('/items/{sku}'),
          undo: { action: call('/release'), input: { id: '$.do.output.id' } },
        },
        { name: 'ship', action: call('/ship'), retry: { maxAttempts: 2, initialDelayMs: 1 } },
      ],
    })
    t.answer = ({ path }: { path?: string } & object) => ({ status: path === '/ship' ? 503 : 200, body: { id: 'r-1' } })
    const { runId } = await t.start('http', { input: { sku: 'a/b' } })
    await t.pass(2_000, fine)
    const calls = t.calls.map(
      (c) => `${'path' in c ? c.path : ''} ${c.headers?.['idempotency-key']?.slice(runId.length)}`,
    )
    expect(calls).toEqual([
      '/items/a%2Fb :reserve:1:do',
      '/ship :ship:1:do',
      '/ship :ship:1:do',
      '/release :reserve:1:undo',
    ])
    expect(t.calls.at(-1)?.body).toBe('{"id":"r-1"}')
    expect(await t.view(runId)).toMatchObject({ status: 'compensated' })
    expect((await t.state(runId)).steps.ship?.do.status).toBe('unknown')
  })
})

describe('over time', () => {
  const DAY_MS = 86_400_000

  test('a finished run is packed after a day, still readable, and removed after its keep', async () => {
    await using t = await testSagas()
    await t.define({ ...ORDER, retentionDays: 3 })
    t.work(TASKS)
    const { runId } = await t.start('order', { attributes: { customer: 'c-7' } })
    await t.serve(fine)
    const before = await t.history(runId)
    t.clock.advance(2 * DAY_MS)
    expect(await t.sagas.archive()).toBe(1)
    expect(await t.history(runId)).toEqual(before)
    expect(await t.sagas.reads.history(runId, 0, 5)).toMatchObject({ archived: true, next: 5 })
    expect((await t.sagas.reads.list({ attributes: { customer: 'c-7' }, limit: 5 })).runs).toHaveLength(1)
    t.clock.advance(2 * DAY_MS)
    await t.sagas.archive()
    await expect(t.view(runId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(t.sagas.engine.book.counts().succeeded).toBe(0)
  })

  test('a schedule starts one run a due time, also when it was down', async () => {
    await using t = await testSagas()
    await t.define(ORDER)
    const schedule = {
      name: 'nightly',
      definition: 'order',
      cron: '0 3 * * *',
      timezone: 'UTC',
      input: {},
      enabled: true,
    }
    const put = () =>
      t.sagas.engine.transact({ actor: 'user:ada', operationId: null }, (tx) =>
        t.sagas.schedules.put(tx, { ...schedule, revision: 0 }),
      )
    await put()
    await expect(put()).rejects.toMatchObject({ code: 'CONFLICT' })
    await t.restart(3 * DAY_MS)
    await t.sagas.schedules.tick()
    await t.sagas.schedules.tick()
    expect((await t.sagas.reads.list({ limit: 10 })).runs).toHaveLength(1)
    t.clock.advance(DAY_MS)
    await t.sagas.schedules.tick()
    expect((await t.sagas.reads.list({ limit: 10 })).runs).toHaveLength(2)
  })
})
