/** Redriving as a fork: which keys its steps have, and what becomes of what was done. */
import { expect, test } from 'vitest'
import { keyOf, type StepState } from '../../core/saga/state.ts'
import { Refusal, type TestSagas, testSagas } from '../test-sagas.ts'
import type { SagaTask } from './task.ts'

const task = (name: string) => ({ name, action: { type: 'task', task: 'work' } }) as const
const once = { retry: { maxAttempts: 1 } }
const lost = new Refusal('GONE', { outcome: 'unknown' })

/** What is done by key: a participant that keeps the rules. */
function participant(fails: (task: SagaTask) => Refusal | null) {
  const did = new Map<string, number>()
  return {
    did,
    work: (task: SagaTask) => {
      if (task.phase === 'probe') return { done: false, final: true }
      const failure = fails(task)
      if (failure) return failure
      did.set(task.key, (did.get(task.key) ?? 0) + 1)
      return null
    },
  }
}

const keys = async (t: TestSagas, runId: string) =>
  Object.values((await t.state(runId)).steps).map((step) => keyOf(step as StepState, 'do'))

test('a fork of a fork keeps every key of the first run', async () => {
  await using t = await testSagas()
  await t.define({ name: 'three', steps: [task('a'), { ...task('b'), ...once }, task('c')] })
  t.work(['work'])
  const refuses = participant(({ step }) => (step === 'b' ? new Refusal('NO') : null))
  const { runId } = await t.start('three')
  await t.serve(refuses.work)
  const first = await t.redrive({ runId, step: 'b', keys: 'reused', paused: false })
  await t.serve(refuses.work)
  const second = await t.redrive({ runId: first.runId, step: 'b', keys: 'reused', paused: false })
  const works = participant(() => null)
  await t.serve(works.work)
  expect(await t.view(second.runId)).toMatchObject({ status: 'succeeded' })
  expect(await keys(t, second.runId)).toEqual([`${runId}:a:1:do`, `${runId}:b:1:do`, `${runId}:c:1:do`])
  expect([...works.did.keys()]).toEqual([`${runId}:b:1:do`, `${runId}:c:1:do`])
  await t.restart()
  expect(await keys(t, second.runId)).toEqual([`${runId}:a:1:do`, `${runId}:b:1:do`, `${runId}:c:1:do`])
  const anew = await t.redrive({ runId: second.runId, step: 'b', keys: 'new', paused: true })
  const own = anew.runId
  expect(await keys(t, own)).toEqual([`${runId}:a:1:do`, `${own}:b:1:do`, `${own}:c:1:do`])
})

test('a fork goes on under the key of the last retry, and not under one that its participant refuses', async () => {
  await using t = await testSagas()
  const late = { kind: 'retriable', ...once } as const
  await t.define({
    name: 'late',
    steps: [
      { ...task('a'), ...late },
      { ...task('b'), ...late, probe: {} },
    ],
  })
  t.work(['work'])
  const { runId } = await t.start('late')
  await t.serve(participant(() => new Refusal('NO')).work)
  await t.operate(runId, { type: 'retryStep', step: 'a', phase: 'do', newKey: true })
  // Nobody answers for b, and its probe says that it never will.
  await t.serve(participant(({ step }) => (step === 'b' ? lost : null)).work)
  expect(await t.view(runId)).toMatchObject({ status: 'stuck' })
  await t.operate(runId, { type: 'terminate' })
  const fork = await t.redrive({ runId, step: 'a', keys: 'reused', paused: true })
  expect(await keys(t, fork.runId)).toEqual([`${runId}:a:2:do`, `${runId}:b:2:do`])
})

test('a fork that would start a child again cannot keep the keys of its steps, and says so', async () => {
  await using t = await testSagas()
  await t.define({ name: 'inner', steps: [task('x')] })
  await t.define({
    name: 'outer',
    steps: [task('a'), { name: 'sub', action: { type: 'saga', definition: 'inner' } }, { ...task('b'), ...once }],
  })
  t.work(['work'])
  const { runId } = await t.start('outer')
  await t.serve(participant(({ step }) => (step === 'b' ? new Refusal('NO') : null)).work)
  const fork = (step: string, keys: 'reused' | 'new') => t.redrive({ runId, step, keys, paused: true })
  await expect(fork('a', 'reused')).rejects.toThrow(/"sub" is a saga of its own/)
  await expect(fork('b', 'reused')).resolves.toMatchObject({ existing: false })
  await expect(fork('a', 'new')).resolves.toMatchObject({ existing: false })
})
