/** What used to stand still, or never to end: each with a worker there and nobody to push. */
import { expect, test } from 'vitest'
import type { SagaSpec } from '../../core/saga/definition.ts'
import { crowded } from '../../db/test-store.ts'
import { type Participant, Refusal, testSagas } from '../test-sagas.ts'

const fine: Participant = (task) => ({ did: task.step })
const one = (name: string, more: Partial<SagaSpec> = {}): SagaSpec => ({
  name,
  steps: [{ name: 'a', action: { type: 'task', task: 'a' }, undo: {} }],
  ...more,
})

test.each(['cancel', 'pause'] as const)(
  'a place that a run in the queue no longer wants goes to the next (%s)',
  async (type) => {
    await using t = await testSagas()
    await t.define(one('order'))
    t.work(['a'], { capacity: 1 })
    const [first, second, third] = [await t.start('order'), await t.start('order'), await t.start('order')]
    await t.operate(second?.runId ?? '', { type })
    await t.serve(fine)
    await t.pass(1_000, fine)
    const later = await t.start('order')
    await t.serve(fine)
    for (const run of [first, third, later]) expect((await t.view(run?.runId ?? '')).status).toBe('succeeded')
  },
)

test('a queued run that ends gives its turn to the next; and several that end at once let in no more than there is room', async () => {
  await using t = await testSagas()
  await t.define(one('order', { concurrency: 4 }))
  t.work(['a'])
  const runs = []
  for (let i = 0; i < 40; i++) runs.push(await t.start('order'))
  // The first in the queue.
  await t.operate(runs[4]?.runId ?? '', { type: 'cancel' })
  let most = 0
  const participant: Participant = (task) => {
    most = Math.max(most, t.inbox.length + 1, t.sagas.engine.book.active.get('order') ?? 0)
    return fine(task)
  }
  await t.serve(participant)
  await t.pass(2_000, participant)
  const statuses = await Promise.all(runs.map(async ({ runId }) => (await t.view(runId)).status))
  expect(statuses.filter((status) => status === 'succeeded')).toHaveLength(39)
  expect(statuses[4]).toBe('cancelled')
  expect(most).toBeLessThanOrEqual(4)
})

test('sagas that start each other end, with the reason', async () => {
  await using t = await testSagas()
  const calls = (name: string, child: string): SagaSpec => ({
    name,
    steps: [{ name: 'next', action: { type: 'saga', definition: child } }],
  })
  await t.define(one('b'))
  await t.define(calls('a', 'b'))
  await t.define(calls('b', 'a'))
  const { runId } = await t.start('a')
  await t.settle()
  await t.pass(1_000, fine)
  expect((await t.view(runId)).status).toBe('failed')
  const { failed } = t.sagas.engine.book.counts()
  // The one that would have had too many parents above it, and those.
  expect(failed).toBe(17)
})

test('an undo that is a saga is tried as often as it may be, then it is stuck', async () => {
  await using t = await testSagas()
  await t.define(one('refund'))
  await t.define({
    name: 'order',
    steps: [
      {
        name: 'charge',
        action: { type: 'task', task: 'charge' },
        undo: { action: { type: 'saga', definition: 'refund' }, retry: { maxAttempts: 3 } },
      },
      { name: 'ship', action: { type: 'task', task: 'ship' } },
    ],
  })
  t.work(['charge', 'ship', 'a'])
  const participant: Participant = (task) => (task.step === 'charge' ? fine(task) : new Refusal('NO'))
  const { runId } = await t.start('order')
  await t.serve(participant)
  await t.pass(120_000, participant, 1_000)
  expect((await t.view(runId)).status).toBe('stuck')
  expect(t.trace.filter((line) => line === 'a')).toHaveLength(3)
})

test('an answer of a probe that says neither yes nor no leaves the outcome unknown', async () => {
  await using t = await testSagas()
  await t.define({
    name: 'order',
    steps: [
      { name: 'a', action: { type: 'task', task: 'a' }, undo: {}, probe: {}, retry: { maxAttempts: 1 } },
      { name: 'b', action: { type: 'task', task: 'b' } },
    ],
  })
  t.work(['a', 'b'])
  const { runId } = await t.start('order')
  const participant: Participant = (task) => {
    if (task.phase === 'probe') return { status: 'settled', done: 'yes' }
    if (task.phase === 'do') return new Refusal('TIMEOUT', { outcome: 'unknown' })
    return fine(task)
  }
  await t.serve(participant)
  await t.pass(10_000, participant)
  const lane = (await t.view(runId)).lanes[0]
  expect(lane?.probe?.status).toBe('inconclusive')
  expect(lane?.undo.status).toBe('compensated')
})

test('a signal lets one of two that wait go on; in a paused run too, for the step that was let go', async () => {
  await using t = await testSagas()
  const waits = (name: string) => ({ name, action: { type: 'signal', signal: 'ok' } as const })
  await t.define({ name: 'both', steps: [{ parallel: [waits('a'), waits('b')] }] })
  const both = await t.start('both')
  await t.signal(both.runId, 'ok')
  expect((await t.view(both.runId)).lanes.map((lane) => lane.do.status)).toEqual(['succeeded', 'waiting'])
  await t.signal(both.runId, 'ok')
  expect((await t.view(both.runId)).status).toBe('succeeded')

  await t.define({ name: 'approval', steps: [waits('a'), { name: 'b', action: { type: 'task', task: 'b' } }] })
  const paused = await t.start('approval', { paused: true })
  await t.operate(paused.runId, { type: 'step' })
  await t.signal(paused.runId, 'ok')
  const view = await t.view(paused.runId)
  expect([view.status, view.lanes[0]?.do.status, view.lanes[1]?.do.status]).toEqual(['paused', 'succeeded', 'pending'])
})

test('a paused run whose undo needs a person is in the inbox, and is not quiet while its child works', async () => {
  await using t = await testSagas()
  await t.define({
    name: 'order',
    steps: [
      { name: 'a', action: { type: 'task', task: 'a' }, undo: { retry: { maxAttempts: 1 } } },
      { name: 'b', action: { type: 'task', task: 'b' } },
    ],
  })
  t.work(['a', 'b'])
  const { runId } = await t.start('order')
  const silentUndo: Participant = (task) => {
    if (task.phase === 'undo') return 'silent'
    return task.step === 'b' ? new Refusal('NO') : fine(task)
  }
  await t.serve(silentUndo)
  await t.operate(runId, { type: 'pause' })
  await t.pass(120_000, silentUndo, 1_000)
  expect((await t.view(runId)).lanes[0]?.undo.status).toBe('stuck')
  expect(t.sagas.engine.book.waiting).toBe(1)
  const parked = await t.file.store.read((tx) => tx.q.sagas.parked(null, 10))
  expect(parked.map(({ id }) => id)).toEqual([runId])

  await t.define({ name: 'parent', steps: [{ name: 'c', action: { type: 'saga', definition: 'order' } }] })
  const parent = await t.start('parent')
  await t.settle()
  await t.operate(parent.runId, { type: 'pause' })
  expect((await t.view(parent.runId)).quiesced).toBe(false)
})

test('a retry and a timer that are due while nothing can be written come again', async () => {
  const { gate, wrap } = crowded()
  await using t = await testSagas({ wrap })
  const retry = { maxAttempts: 3, initialDelayMs: 1_000, multiplier: 1 }
  await t.define({ name: 'slow', steps: [{ name: 'wait', action: { type: 'timer', ms: 5_000 } }] })
  await t.define(one('order', { steps: [{ name: 'a', action: { type: 'task', task: 'a' }, retry }] }))
  t.work(['a'])
  const order = await t.start('order')
  const slow = await t.start('slow')
  await t.serve(() => new Refusal('BUSY', { retryable: true }))
  gate.closed = true
  await t.pass(8_000, fine)
  expect(gate.refused).toBeGreaterThan(1)
  gate.closed = false
  await t.pass(2_000, fine)
  for (const { runId } of [order, slow]) expect((await t.view(runId)).status).toBe('succeeded')
})

test('a step and a queued run that could not be handed on while nothing could be written are, later', async () => {
  const { gate, wrap } = crowded()
  await using t = await testSagas({ wrap })
  await t.define(one('order', { concurrency: 1 }))
  const [first, second] = [await t.start('order'), await t.start('order')]
  gate.closed = true
  t.work(['a'])
  t.sagas.engine.admitNext({ name: 'order', concurrency: 2 } as never)
  await t.pass(3_000, fine)
  expect(t.trace).toEqual([])
  expect(gate.refused).toBeGreaterThan(1)
  gate.closed = false
  await t.pass(3_000, fine)
  for (const run of [first, second]) expect((await t.view(run?.runId ?? '')).status).toBe('succeeded')
})
