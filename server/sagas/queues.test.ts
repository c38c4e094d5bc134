import { describe, expect, test } from 'vitest'
import type { SagaSpec } from '../../core/saga/definition.ts'
import { ACTOR, type TestSagas, testSagas } from '../test-sagas.ts'

const SLOW: SagaSpec = {
  name: 'slow',
  steps: [{ name: 'print', action: { type: 'task', task: 'print', queue: 'printers' } }],
}

async function fleet(workers: number, capacity: number): Promise<TestSagas> {
  const t = await testSagas()
  await t.define(SLOW)
  for (let i = 1; i <= workers; i++) t.work(['print'], { worker: `w${i}`, capacity, queue: 'printers' })
  return t
}

const begin = async (t: TestSagas, runs: number) => {
  for (let i = 0; i < runs; i++) await t.start('slow', { input: { i } })
  await t.settle()
}

test('how far a worker says that it is, is seen with the run for as long as the attempt lasts', async () => {
  await using t = await fleet(1, 10)
  const { runId } = await t.start('slow')
  await t.settle()
  const [task] = t.inbox
  if (!task) throw new Error('nothing was handed out')
  const { step, phase, fence } = task
  const lease = { runId, step, phase, fence }
  t.sagas.heartbeat(ACTOR, 'w1', [{ ...lease, progress: { pages: 3 } }])
  t.sagas.heartbeat(ACTOR, 'w1', [lease])
  expect((await t.sagas.reads.get(runId)).progress).toEqual([
    { step: 'print', phase: 'do', value: { pages: 3 }, at: t.clock.wall() },
  ])
  t.sagas.heartbeat(ACTOR, 'w1', [{ ...lease, fence: fence + 1, progress: { pages: 99 } }])
  expect((await t.sagas.reads.get(runId)).progress[0]?.value).toEqual({ pages: 3 })
  await t.serve(() => ({}))
  expect((await t.sagas.reads.get(runId)).progress).toEqual([])
})

describe('how much is under way at once', () => {
  test('never more than the workers have places for, and all of it in the end', async () => {
    await using t = await fleet(2, 3)
    await begin(t, 20)
    expect(t.inbox).toHaveLength(6)
    await t.serve(() => ({}))
    expect(t.sagas.engine.book.counts().succeeded).toBe(20)
  })

  test('never more than the queue allows, whoever has places; raised, lowered and lifted while it runs', async () => {
    await using t = await fleet(3, 10)
    t.sagas.limit('printers', 2)
    await begin(t, 12)
    expect(t.inbox).toHaveLength(2)
    t.sagas.limit('printers', 5)
    await t.settle()
    expect(t.inbox).toHaveLength(5)
    t.sagas.limit('printers', 1)
    let most = 0
    await t.serve(() => {
      most = Math.max(most, t.sagas.engine.workers.stats()[0]?.inFlight ?? 0)
      return {}
    })
    expect(most).toBe(5)
    expect(t.sagas.engine.book.counts().succeeded).toBe(12)
    t.sagas.limit('printers', null)
    await begin(t, 12)
    expect(t.inbox).toHaveLength(12)
  })

  test('another queue has its own limit; a limit outlives a restart together with what is held', async () => {
    await using t = await fleet(1, 10)
    await t.sagas.engine.transact({ actor: 'user:ada', operationId: null }, (tx) => tx.q.sagas.putQueue('printers', 2))
    t.sagas.limit('printers', 2)
    await begin(t, 5)
    await t.restart()
    t.work(['print'], { worker: 'w1', queue: 'printers' })
    await t.settle()
    // The same two under the same fences; the others wait for them.
    expect(t.inbox).toHaveLength(2)
    await t.serve(() => ({}))
    expect(t.sagas.engine.book.counts().succeeded).toBe(5)
  })

  test('a worker that drains gets nothing new, and what was leased to it still comes', async () => {
    await using t = await fleet(1, 10)
    await begin(t, 3)
    const session = t.sagas.engine.workers.session('w1')
    if (!session) throw new Error('no session')
    const starting = t.start('slow')
    await t.sagas.drain(session)
    await starting
    const leased = t.inbox.length
    await begin(t, 3)
    expect(t.inbox).toHaveLength(leased)
    await t.serve(() => ({}))
    expect(t.sagas.engine.book.counts().succeeded).toBe(leased)
  })
})
