import { describe, expect, test } from 'vitest'
import type { SagaSpec } from '../../core/saga/definition.ts'
import { saga } from '../sagas/definition.ts'
import { StepRefusedError } from '../sagas/errors.ts'
import type { SagaContext } from '../sagas/handlers.ts'
import { fails, gives, hangs, refuses, rehearse, type Script, unknown } from './index.ts'

/** The saga of conductor-oss/conductor's cookbook: order fulfilment, with what undoes it. */
const order: SagaSpec = {
  name: 'order-fulfillment',
  steps: [
    { name: 'reserve', action: { type: 'task', task: 'reserve' }, undo: { action: { type: 'task', task: 'release' } } },
    { name: 'charge', action: { type: 'task', task: 'charge' }, undo: { action: { type: 'task', task: 'refund' } } },
    {
      name: 'ship',
      action: { type: 'http', service: 'shipping', method: 'POST', path: '/shipments' },
      retry: { maxAttempts: 4 },
    },
  ],
}

describe('the public order saga', () => {
  test('with the shipment answering 503: reserve, charge, ship four times, refund, release, each under its key', async () => {
    const rehearsal = await rehearse(order, { script: { ship: unknown('HTTP_503') }, runId: 'r1' })
    expect(rehearsal.status).toBe('compensated')
    expect(rehearsal.calls.map(({ call, key, attempt }) => `${call} ${key} ${attempt}`)).toEqual([
      'reserve r1:reserve:1:do 1',
      'charge r1:charge:1:do 1',
      'ship r1:ship:1:do 1',
      'ship r1:ship:1:do 2',
      'ship r1:ship:1:do 3',
      'ship r1:ship:1:do 4',
      'undo charge r1:charge:1:undo 1',
      'undo reserve r1:reserve:1:undo 1',
    ])
    // 200, 400 and 800 ms between the four
    expect(rehearsal.calls.filter(({ step }) => step === 'ship').map(({ atMs }) => atMs)).toEqual([0, 200, 600, 1_400])
    expect(rehearsal.tookMs).toBe(1_400)
  })

  test('that goes well gives what its steps give', async () => {
    const rehearsal = await rehearse(order, { script: { charge: gives({ receipt: 'r-1' }) } })
    expect(rehearsal).toMatchObject({
      status: 'succeeded',
      trace: ['reserve', 'charge', 'ship'],
      output: { reserve: null, charge: { receipt: 'r-1' }, ship: null },
    })
  })
})

const travel = saga<{ trip: string }>('travel')
  .parallel({ hotel: { undo: {} }, car: { undo: {} }, flight: { undo: {} } })
  .step('charge', { undo: {} })
  .step('confirm', { undo: {} })
  .step('mail')

describe('a travel saga and its six failure points', () => {
  test.each([
    ['hotel', ['hotel', 'car', 'flight', 'undo car', 'undo flight']],
    ['car', ['hotel', 'car', 'flight', 'undo hotel', 'undo flight']],
    ['flight', ['hotel', 'car', 'flight', 'undo hotel', 'undo car']],
    ['charge', ['hotel', 'car', 'flight', 'charge', 'undo hotel', 'undo car', 'undo flight']],
    [
      'confirm',
      ['hotel', 'car', 'flight', 'charge', 'confirm', 'undo charge', 'undo hotel', 'undo car', 'undo flight'],
    ],
    [
      'mail',
      [
        'hotel',
        'car',
        'flight',
        'charge',
        'confirm',
        'mail',
        'undo confirm',
        'undo charge',
        'undo hotel',
        'undo car',
        'undo flight',
      ],
    ],
  ])('%s is refused: exactly what was booked is undone', async (step, trace) => {
    const rehearsal = await rehearse(travel, { script: { [step]: refuses('FULL') } })
    expect(rehearsal.status).toBe('compensated')
    expect(rehearsal.trace).toEqual(trace)
  })

  test('one that timed out may have happened: it owes its undo', async () => {
    const rehearsal = await rehearse(travel, { script: { charge: hangs() } })
    expect(rehearsal.status).toBe('compensated')
    expect(rehearsal.trace.slice(3)).toEqual([
      'charge',
      'charge',
      'charge',
      'charge',
      'undo charge',
      'undo hotel',
      'undo car',
      'undo flight',
    ])
  })

  test('an undo that fails at first is tried again; the rest is undone all the same, and one that never works is stuck', async () => {
    const again = await rehearse(travel, { script: { charge: refuses(), 'undo car': [fails('BUSY'), fails('BUSY')] } })
    expect(again.status).toBe('compensated')
    expect(again.trace.filter((call) => call === 'undo car')).toHaveLength(3)
    const never = await rehearse(travel, { script: { charge: refuses(), 'undo car': fails('BUSY') } })
    expect(never.status).toBe('stuck')
    expect(never.run.lanes.map(({ name, undo }) => [name, undo.status])).toEqual([
      ['hotel', 'compensated'],
      ['car', 'stuck'],
      ['flight', 'compensated'],
      ['charge', 'not-needed'],
      ['confirm', 'not-needed'],
      ['mail', 'not-needed'],
    ])
    expect(never.trace.filter((call) => call === 'undo car')).toHaveLength(100)
  })
})

const transfer = saga<{ amount: number }>('transfer')
  .step('debit', { undo: {} })
  .step('approve', { action: { type: 'signal', signal: 'approved' }, stepTimeoutMs: 3_600_000 })
  .step('settle', { kind: 'pivot', probe: {} })
  .step('credit', { kind: 'retriable' })
  .step('tell', { kind: 'retriable', retry: { policy: 'patient' } })

describe('a saga with a pivot', () => {
  const signals = { approved: { by: 'ada' } }

  test.each<[string, Script, string, string[]]>([
    ['goes well', {}, 'succeeded', ['debit', 'settle', 'credit', 'tell']],
    ['is refused at the pivot: undone', { settle: refuses() }, 'compensated', ['debit', 'settle', 'undo debit']],
    [
      'is past it: nothing is undone, it is tried until it works',
      { credit: [unknown(), unknown(), unknown()] },
      'succeeded',
      ['debit', 'settle', 'credit', 'credit', 'credit', 'credit', 'tell'],
    ],
    ['is past it and refused: a person is asked', { credit: refuses() }, 'stuck', ['debit', 'settle', 'credit']],
    [
      'may have passed it, and the probe says yes: it goes on',
      { settle: unknown(), 'probe settle': gives({ done: true }) },
      'succeeded',
      ['debit', 'settle', 'settle', 'settle', 'settle', 'probe settle', 'credit', 'tell'],
    ],
    [
      'may have passed it, and the probe says no: it is undone',
      { settle: unknown(), 'probe settle': gives({ done: false }) },
      'compensated',
      ['debit', 'settle', 'settle', 'settle', 'settle', 'probe settle', 'undo debit'],
    ],
    [
      'may have passed it, and nobody knows: a person is asked',
      { settle: unknown(), 'probe settle': refuses() },
      'stuck',
      ['debit', 'settle', 'settle', 'settle', 'settle', 'probe settle'],
    ],
  ])('that %s', async (_what, script, status, trace) => {
    const rehearsal = await rehearse(transfer, { script, signals })
    expect([rehearsal.status, rehearsal.trace]).toEqual([status, trace])
  })

  test('that nobody approves is undone when its time is over', async () => {
    const rehearsal = await rehearse(transfer)
    expect(rehearsal).toMatchObject({ status: 'compensated', trace: ['debit', 'undo debit'], tookMs: 3_600_000 })
  })

  test('waits by the policy that it names', async () => {
    const policies = { patient: { initialDelayMs: 10_000, multiplier: 1 } }
    const rehearsal = await rehearse(transfer, { script: { tell: [fails(), fails()] }, signals, policies })
    expect(rehearsal.tookMs).toBe(20_000)
  })
})

describe('handlers', () => {
  const handlers = () => {
    const stock = { left: 1 }
    return {
      stock,
      handlers: {
        reserve: {
          do: (_input: unknown, ctx: SagaContext) => {
            if (stock.left === 0) throw new StepRefusedError('SOLD_OUT', 'Nothing is left.')
            stock.left -= 1
            return { reservation: ctx.idempotencyKey }
          },
          undo: ({ output }: { output: { reservation: string } | null }) => {
            if (output) stock.left += 1
          },
        },
        charge: () => {
          throw new StepRefusedError('CARD_DECLINED', 'The bank says no.')
        },
      },
    }
  }
  const buy = saga('buy').step('reserve', { undo: {} }).step('charge')

  test('are the real ones: what they did is undone', async () => {
    const { stock, handlers: own } = handlers()
    const rehearsal = await rehearse(buy, { handlers: own })
    expect(rehearsal.status).toBe('compensated')
    expect(rehearsal.calls.map(({ call, error }) => [call, error?.code])).toEqual([
      ['reserve', undefined],
      ['charge', 'CARD_DECLINED'],
      ['undo reserve', undefined],
    ])
    expect(stock.left).toBe(1)
  })

  test('are overruled by the script', async () => {
    const { stock, handlers: own } = handlers()
    expect(await rehearse(buy, { handlers: own, script: { charge: gives() } })).toMatchObject({ status: 'succeeded' })
    expect(stock.left).toBe(0)
    expect((await rehearse(buy, { handlers: own })).status).toBe('failed')
  })
})

test('a timer, a deadline that comes first, and a child is answered by the script', async () => {
  const slow = saga('slow', { deadlineMs: 1_000_000 })
    .step('sleep', { action: { type: 'timer', ms: 86_400_000 }, after: [] })
    .step('child', { action: { type: 'saga', definition: 'other' }, after: [], undo: { action: 'undo-child' } })
  expect(await rehearse(slow, { script: { child: gives({ a: 1 }) } })).toMatchObject({
    status: 'compensated',
    trace: ['child', 'undo child'],
    tookMs: 1_000_000,
  })
})

test('what cannot be a saga is refused, with what to change', async () => {
  await expect(rehearse(saga('empty'))).rejects.toThrow('Give it at least one')
})
