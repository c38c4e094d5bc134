import { beforeEach, describe, expect, test } from 'vitest'
import { ConflictError, NetworkError, TimeoutError } from '../../core/errors.ts'
import { seededRandom } from '../../core/random.ts'
import { Events } from '../events.ts'
import { FakeTime } from '../fake-time.ts'
import { nextTrace, withTrace } from '../trace.ts'
import { saga } from './definition.ts'
import { FakeLink } from './fake-link.ts'
import { Sagas } from './sagas.ts'

let link: FakeLink
let time: FakeTime
let sagas: Sagas

beforeEach(() => {
  link = new FakeLink()
  time = new FakeTime()
  sagas = new Sagas({
    connection: link.connection,
    time,
    random: seededRandom(1),
    events: new Events(),
    requestTimeoutMs: 5_000,
    identity: () => 'orders-1',
  })
  link.answers.set('sagas.start', () => ({ runId: 'r1', version: 1, status: 'running', existing: false }))
})

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    time.advance(100)
    for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
  }
}
const result = (status: string, done: boolean) => ({
  runId: 'r1',
  done,
  status,
  output: status === 'succeeded' ? { reserve: 1 } : null,
  error: null,
  attention: null,
})

describe('start', () => {
  test('is repeated under one id while the control plane is away: one run', async () => {
    let times = 0
    link.answers.set('sagas.start', () => {
      times += 1
      if (times < 3) throw new NetworkError('broke')
      return { runId: 'r1', version: 1, status: 'running', existing: true }
    })
    const starting = sagas.start('place-order', { id: 1 })
    await pass(1_000)
    expect(await starting).toMatchObject({ runId: 'r1', existing: true })
    const ids = link.calls.map((call) => call.id)
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(1)
  })

  test('gives up in the end, and at once when it is no use', async () => {
    link.isOpen = false
    const starting = sagas.start('place-order', {}, { timeoutMs: 1_000 }).catch((error: unknown) => error)
    await pass(2_000)
    expect(await starting).toBeInstanceOf(NetworkError)
    link.isOpen = true
    link.answers.set('sagas.start', () => {
      throw new ConflictError('another input')
    })
    await expect(sagas.start('place-order', {}, { idempotencyKey: 'a' })).rejects.toThrow('another input')
  })

  test('says what it was told, and the trace that it is part of', async () => {
    const trace = nextTrace(undefined)
    await withTrace(trace, () =>
      sagas.start(
        saga<{ id: number }>('place-order').step('a'),
        { id: 1 },
        { idempotencyKey: 'k', attributes: { a: 'b' } },
      ),
    )
    expect(link.sent('sagas.start')).toEqual([
      {
        definition: 'place-order',
        input: { id: 1 },
        idempotencyKey: 'k',
        attributes: { a: 'b' },
        traceparent: `00-${trace.traceId}-${trace.spanId}-01`,
      },
    ])
  })
})

describe('result', () => {
  test('is asked for until the run has ended, through a break', async () => {
    const answers = [result('running', false), null, result('succeeded', true)]
    link.answers.set('sagas.result', () => {
      const answer = answers.shift()
      if (!answer) throw new NetworkError('broke')
      return answer
    })
    const run = await sagas.start('place-order', {})
    const waiting = run.result()
    await pass(1_000)
    expect(await waiting).toMatchObject({ status: 'succeeded', output: { reserve: 1 } })
  })

  test('a run that is stuck is an answer, or is waited for', async () => {
    const answers = [result('stuck', false), result('stuck', false), result('compensated', true)]
    link.answers.set('sagas.result', () => answers.shift())
    expect(await sagas.result('r1')).toMatchObject({ status: 'stuck', done: false })
    const waiting = sagas.result('r1', { untilEnded: true })
    await pass(1_500)
    expect(await waiting).toMatchObject({ status: 'compensated' })
  })

  test('ends in time, and when it is called off', async () => {
    link.answers.set('sagas.result', () => result('waiting', false))
    await expect(sagas.result('r1', { timeoutMs: 0 })).rejects.toThrow(TimeoutError)
    await expect(sagas.result('r1', { timeoutMs: 0 })).rejects.toThrow('it is waiting')
    link.answers.set('sagas.result', () => new Promise(() => undefined))
    const calling = new AbortController()
    const waiting = sagas.result('r1', { signal: calling.signal })
    calling.abort(new Error('no longer'))
    await expect(waiting).rejects.toThrow('no longer')
  })
})

describe('workers', () => {
  test('have names of their own, claim again with the connection, and close with it', async () => {
    const one = sagas.worker({ a: () => 1 })
    const two = sagas.worker({ b: () => 2 }, { name: 'fixed', queue: 'slow' })
    expect(one.name).toMatch(/^orders-1#[0-9a-f]{8}\.1$/)
    expect(link.claims.map((claim) => [claim.data.worker, claim.data.queue])).toEqual([
      [one.name, 'default'],
      ['fixed', 'slow'],
    ])
    link.claims = []
    sagas.connectionClosed()
    expect(two.claiming).toBe(false)
    sagas.connectionOpened()
    expect(link.claims).toHaveLength(2)
    await sagas.close()
    expect(link.claims).toHaveLength(0)
    sagas.connectionOpened()
    expect(link.claims).toHaveLength(0)
  })
})
