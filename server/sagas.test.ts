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
