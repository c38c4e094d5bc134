/** Sagas that are steps of sagas: how they end with their parents, where they stop, and what they may give. */
import { expect, test } from 'vitest'
import { SAGA_LIMITS } from '../../core/saga/definition.ts'
import { type TestSagas, testSagas } from '../test-sagas.ts'

const task = (name: string) => ({ name, action: { type: 'task', task: 'work' } }) as const
const sub = (definition: string) => ({ name: 'sub', action: { type: 'saga', definition } }) as const

async function childOf(t: TestSagas, runId: string, phase: 'do' | 'undo' = 'do'): Promise<string> {
  const waitFor = (await t.state(runId)).steps.sub?.[phase].waitFor
  return waitFor?.type === 'child' ? waitFor.runId : ''
}

test('terminate ends the children of a run, and theirs', async () => {
  await using t = await testSagas()
  await t.define({ name: 'low', steps: [{ name: 'ask', action: { type: 'signal', signal: 'go' } }] })
  await t.define({ name: 'middle', steps: [sub('low')] })
  await t.define({ name: 'high', steps: [sub('middle')] })
  const { runId } = await t.start('high')
  await t.settle()
  const middle = await childOf(t, runId)
  const low = await childOf(t, middle)
  await t.operate(runId, { type: 'terminate' })
  for (const id of [runId, middle, low]) expect(await t.view(id)).toMatchObject({ status: 'terminated' })
  expect((await t.history(low)).at(-1)).toMatchObject({
    by: {
      actor: 'user:ada',
      reason: `its parent ${middle} was terminated: its parent ${runId} was terminated: because`,
    },
  })
  expect(t.sagas.engine.book.counts()).toMatchObject({ terminated: 3, waiting: 0 })
  await t.restart()
  expect(await t.view(low)).toMatchObject({ status: 'terminated' })
})

test('terminate ends a child that is an undo', async () => {
  await using t = await testSagas()
  await t.define({ name: 'low', steps: [{ name: 'ask', action: { type: 'signal', signal: 'go' } }] })
  await t.define({
    name: 'high',
    steps: [
      { name: 'sub', action: { type: 'task', task: 'work' }, undo: { action: { type: 'saga', definition: 'low' } } },
      task('b'),
    ],
  })
  t.work(['work'])
  const { runId } = await t.start('high')
  await t.serve(({ step }) => (step === 'sub' ? null : 'silent'))
  await t.operate(runId, { type: 'cancel' })
  await t.pass(200_000, () => 'silent', 10_000)
  const low = await childOf(t, runId, 'undo')
  expect(await t.view(low)).toMatchObject({ status: 'waiting' })
  await t.operate(runId, { type: 'terminate' })
  expect(await t.view(low)).toMatchObject({ status: 'terminated' })
})

test('a child stops where its definition says', async () => {
  await using t = await testSagas()
  await t.define({ name: 'low', steps: [task('x')] })
  await t.define({ name: 'high', steps: [sub('low')] })
  t.work(['work'])
  const breakpoint = { step: 'x', at: 'before', once: false } as const
  await t.sagas.engine.transact({ actor: 'user:ada', operationId: null }, (tx) =>
    tx.q.sagas.putHead({ name: 'low', latest: 1, breakpoints: [breakpoint, { ...breakpoint, step: 'gone' }] }),
  )
  const { runId } = await t.start('high')
  await t.serve(() => null)
  const child = await childOf(t, runId)
  expect(await t.view(child)).toMatchObject({ status: 'paused', breakpoints: [breakpoint] })
  await t.operate(child, { type: 'resume' })
  await t.serve(() => null)
  expect(await t.view(runId)).toMatchObject({ status: 'succeeded' })
})

test('a child that gives more than may be kept is undone, and nothing is half-written', async () => {
  await using t = await testSagas()
  await t.define({ name: 'low', steps: [task('x'), task('y')] })
  await t.define({
    name: 'high',
    steps: [{ ...sub('low'), undo: { action: { type: 'task', task: 'work' } } }],
  })
  t.work(['work'])
  const { runId } = await t.start('high')
  const half = 'x'.repeat(SAGA_LIMITS.value / 2)
  await t.serve(({ phase }) => (phase === 'do' ? half : null))
  expect(await t.view(runId)).toMatchObject({ status: 'compensated' })
  expect((await t.state(runId)).steps.sub?.do).toMatchObject({ status: 'unknown', error: { code: 'OUTPUT_TOO_LARGE' } })
})
