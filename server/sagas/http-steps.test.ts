import { describe, expect, test } from 'vitest'
import { NetworkError } from '../../core/errors.ts'
import type { SagaSpec } from '../../core/saga/definition.ts'
import { type TestSagas, testSagas } from '../test-sagas.ts'
import type { StepBreakers } from './step-breakers.ts'

/** The breakers of the fleet, in the state that a test puts them in. */
function breakers() {
  const b = {
    state: 'closed' as 'closed' | 'open' | 'half-open' | null,
    openLeftMs: null as number | null,
    override: null as { by: string; reason: string } | null,
    permits: 0,
    told: [] as string[],
  }
  const fleet: StepBreakers = {
    rule: () => (b.state === null ? null : { openLeftMs: b.openLeftMs, override: b.override }),
    summary: () => ({ effective: b.state ?? 'closed' }),
    acquireProbe: () => {
      b.permits -= 1
      return { permits: b.permits >= 0 ? [{ id: 'p1' }] : [], generation: 7, retryAfterMs: 500 }
    },
    releaseProbe: (name, _holder, { id, generation, outcome }) => b.told.push(`${name} ${id} ${generation} ${outcome}`),
    outcomes: (_who, name, { successes, failures }) => b.told.push(`${name} ${successes} ${failures}`) > 0,
  }
  return { b, fleet }
}

const CALL: SagaSpec = {
  name: 'call',
  steps: [
    {
      name: 'charge',
      action: { type: 'http', service: 'payments', method: 'POST', path: '/charges' },
      retry: { maxAttempts: 3, initialDelayMs: 50 },
    },
  ],
}
const fine = () => ({})

async function started(fleet: StepBreakers): Promise<{ t: TestSagas; runId: string }> {
  const t = await testSagas({ instances: { payments: '10.0.0.1:80' }, breakers: fleet })
  await t.define(CALL)
  return { t, runId: '' }
}

describe('the breaker of a service that a step calls', () => {
  test.each([
    ['an answer', 200, 'payments 1 0'],
    ['a refusal: it works', 409, 'payments 1 0'],
    ['an error of its own', 503, 'payments 0 1'],
    ['no answer', new NetworkError('broke off'), 'payments 0 1'],
  ] as const)('is told of %s', async (_what, answer, told) => {
    const { b, fleet } = breakers()
    const { t } = await started(fleet)
    await using _t = t
    t.answer = () => (typeof answer === 'number' ? { status: answer } : answer)
    await t.start('call')
    await t.settle()
    expect(b.told).toEqual([told])
  })

  test('is open: not called, tried again when it may be, and then by a permit', async () => {
    const { b, fleet } = breakers()
    const { t } = await started(fleet)
    await using _t = t
    Object.assign(b, { state: 'open', openLeftMs: 3_000 })
    const { runId } = await t.start('call')
    await t.settle()
    const lane = (await t.state(runId)).steps.charge?.do
    expect(lane).toMatchObject({ status: 'backoff', maybe: false, error: { code: 'BREAKER_OPEN' } })
    expect((lane?.retryAt ?? 0) - t.clock.wall()).toBe(3_000)
    Object.assign(b, { state: 'half-open', permits: 1 })
    await t.pass(3_250, fine)
    expect(t.calls).toHaveLength(1)
    expect(b.told).toEqual(['payments p1 7 success'])
    expect(await t.view(runId)).toMatchObject({ status: 'succeeded' })
  })

  test('tries others: this one waits; a person has opened it: says who and why', async () => {
    const { b, fleet } = breakers()
    const { t } = await started(fleet)
    await using _t = t
    b.state = 'half-open'
    const first = await t.start('call')
    await t.settle()
    expect((await t.state(first.runId)).steps.charge?.do.error?.message).toContain('tries whether it works again')
    Object.assign(b, { state: 'open', override: { by: 'user:ada', reason: 'the bank moves' } })
    const second = await t.start('call')
    await t.settle()
    expect((await t.state(second.runId)).steps.charge?.do.error?.message).toBe(
      'The breaker of "payments" was opened by user:ada: the bank moves.',
    )
    expect(t.calls).toEqual([])
  })

  test('is not there yet: called all the same', async () => {
    const { b, fleet } = breakers()
    const { t } = await started(fleet)
    await using _t = t
    b.state = null
    const { runId } = await t.start('call')
    await t.settle()
    expect(await t.view(runId)).toMatchObject({ status: 'succeeded' })
    expect(b.told).toEqual(['payments 1 0'])
  })
})

test('the trace of whoever started the run goes to its workers, its calls and its children', async () => {
  await using t = await testSagas({ instances: { payments: '10.0.0.1:80' } })
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  await t.define(CALL)
  await t.define({
    name: 'parent',
    steps: [
      { name: 'work', action: { type: 'task', task: 'work' } },
      { name: 'child', action: { type: 'saga', definition: 'call' } },
    ],
  })
  t.work(['work'])
  const seen: (string | null)[] = []
  const { runId } = await t.start('parent', { traceparent })
  await t.serve((task) => {
    seen.push(task.traceparent)
    return null
  })
  await t.pass(500, fine)
  expect(await t.view(runId)).toMatchObject({ status: 'succeeded' })
  expect(seen).toEqual([traceparent])
  expect(t.calls[0]?.headers?.traceparent).toBe(traceparent)
})

describe('a status probe', () => {
  const spec = (kind: 'compensatable' | 'pivot'): SagaSpec => ({
    name: 'probed',
    steps: [
      { name: 'reserve', action: { type: 'task', task: 'reserve' }, undo: {} },
      {
        name: 'charge',
        kind,
        action: { type: 'http', service: 'payments', method: 'POST', path: '/charges' },
        retry: { maxAttempts: 1 },
        probe: { action: { type: 'http', service: 'payments', method: 'GET', path: '/charges' } },
      },
    ],
  })

  test.each([
    ['yes: it goes on', 'compensatable', { done: true, output: { receipt: 'r-1' } }, 'succeeded'],
    ['no: it is undone', 'compensatable', { done: false }, 'compensated'],
    ['yes, past the pivot', 'pivot', { done: true }, 'succeeded'],
    ['no, at the pivot', 'pivot', { done: false }, 'compensated'],
  ] as const)('over HTTP, under the key of the do, says %s', async (_what, kind, body, status) => {
    await using t = await testSagas({ instances: { payments: '10.0.0.1:80' } })
    await t.define(spec(kind))
    t.work(['reserve'])
    t.answer = (request) => (request.method === 'POST' ? { status: 503 } : { status: 200, body })
    const { runId } = await t.start('probed')
    await t.pass(1_000, fine)
    expect(await t.view(runId)).toMatchObject({ status })
    expect(t.calls.map(({ method, headers }) => `${method} ${headers?.['idempotency-key']}`)).toEqual([
      `POST ${runId}:charge:1:do`,
      `GET ${runId}:charge:1:do`,
    ])
    if ('output' in body) expect((await t.state(runId)).steps.charge?.do.output).toEqual(body.output)
  })

  test('that gets no answer either is tried five times; then the step is undone, and at a pivot a person is asked', async () => {
    for (const [kind, status] of [
      ['compensatable', 'compensated'],
      ['pivot', 'stuck'],
    ] as const) {
      await using t = await testSagas({ instances: { payments: '10.0.0.1:80' } })
      await t.define(spec(kind))
      t.work(['reserve'])
      t.answer = () => ({ status: 503 })
      const { runId } = await t.start('probed')
      await t.pass(30_000, fine)
      expect(await t.view(runId)).toMatchObject({ status })
      expect(t.calls.filter(({ method }) => method === 'GET')).toHaveLength(5)
    }
  })
})
