import { expect, test } from 'vitest'
import type { SagaSpec } from '../../core/saga/definition.ts'
import { testSagas } from '../test-sagas.ts'

const ORDER: SagaSpec = { name: 'order', steps: [{ name: 'reserve', action: { type: 'task', task: 'reserve' } }] }

test('a tab is told what changed, once a tick, and only about what it asked for', async () => {
  await using t = await testSagas()
  await t.define(ORDER)
  await t.define({ ...ORDER, name: 'other' })
  const { live } = t.sagas
  const abort = new AbortController()
  const frames = live.stream({ definition: 'order', signal: abort.signal, ready: undefined })
  expect((await frames.next()).value).toMatchObject({ runs: [], missed: false, counts: { running: 0 } })
  const next = frames.next()
  const { runId } = await t.start('order')
  await t.start('other')
  await t.operate(runId, { type: 'pause' })
  live.tick()
  expect((await next).value).toMatchObject({
    runs: [{ id: runId, status: 'paused' }],
    counts: { paused: 1, running: 0 },
  })
  const last = frames.next()
  abort.abort()
  expect((await last).done).toBe(true)
  expect(live.tabs).toBe(0)
})

test('a change that comes while a tab is being told is told at the next tick; too many are said to be missed', async () => {
  await using t = await testSagas()
  await t.define(ORDER)
  const { live } = t.sagas
  const abort = new AbortController()
  const frames = live.stream({ definition: undefined, signal: abort.signal, ready: undefined })
  await frames.next()
  for (let i = 0; i < 250; i++) await t.start('order')
  live.tick()
  const next = frames.next()
  live.tick()
  const { value } = await next
  expect(value?.runs).toHaveLength(200)
  expect(value?.missed).toBe(true)
  abort.abort()
  await frames.return()
})
