import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Json } from '../../core/saga/definition.ts'
import { normalise } from '../../core/saga/validate.ts'
import { returns, saga } from './definition.ts'
import type { Sagas } from './sagas.ts'

interface Order {
  id: string
  lines: { sku: string; quantity: number }[]
  card?: string
}

const placeOrder = saga<Order>('place-order', { deadlineMs: 60_000 })
  .step('reserve-stock', { returns: returns<{ reservation: string }>(), undo: {} })
  .parallel({
    charge: {
      action: { type: 'http', service: 'payments', method: 'POST', path: '/charges' },
      input: (at) => ({ card: at.input.card, first: at.input.lines[0]?.sku, run: at.run.id }),
      returns: returns<{ receipt: string }>(),
      undo: { action: 'refund', input: (at) => ({ receipt: at.do.output.receipt }) },
    },
    pack: { input: (at) => at.steps['reserve-stock'].output, undo: {} },
  })
  .step('ship', { kind: 'pivot', input: (at) => ({ parcel: at.steps.pack.output.parcel }), after: ['charge', 'pack'] })
  .step('notify', { kind: 'retriable', retry: { policy: 'gentle' } })

describe('a definition with types', () => {
  test('is the JSON that the API takes', () => {
    expect(placeOrder.spec).toEqual({
      name: 'place-order',
      deadlineMs: 60_000,
      steps: [
        { name: 'reserve-stock', action: { type: 'task', task: 'reserve-stock' }, undo: {} },
        {
          parallel: [
            {
              name: 'charge',
              action: { type: 'http', service: 'payments', method: 'POST', path: '/charges' },
              input: { card: '$.input.card', first: '$.input.lines[0].sku', run: '$.run.id' },
              undo: { action: { type: 'task', task: 'refund' }, input: { receipt: '$.do.output.receipt' } },
            },
            { name: 'pack', action: { type: 'task', task: 'pack' }, input: '$.steps.reserve-stock.output', undo: {} },
          ],
        },
        {
          name: 'ship',
          kind: 'pivot',
          action: { type: 'task', task: 'ship' },
          input: { parcel: '$.steps.pack.output.parcel' },
          after: ['charge', 'pack'],
        },
        { name: 'notify', kind: 'retriable', action: { type: 'task', task: 'notify' }, retry: { policy: 'gentle' } },
      ],
    })
    expect(normalise(placeOrder.spec).steps.map((step) => step.name)).toEqual([
      'reserve-stock',
      'charge',
      'pack',
      'ship',
      'notify',
    ])
  })

  test('each call returns a new one', () => {
    const base = saga('a').step('one')
    base.step('two')
    expect(base.spec.steps).toHaveLength(1)
  })

  test('a path cannot be part of a text, and a field may have any name', () => {
    expect(() => saga<Order>('a').step('one', { input: (at) => `order ${String(at.input.id)}` })).toThrow(
      'part of a text',
    )
    const odd = saga<{ 'a field': string }>('a').step('one', { input: (at) => at.input['a field'] })
    expect(odd.spec.steps[0]).toMatchObject({ input: "$.input['a field']" })
  })

  test('steps, inputs and outputs are checked by the compiler', () => {
    const one = saga<Order>('a').step('one', { returns: returns<{ id: string }>() })
    // @ts-expect-error there is no such step before
    one.step('two', { input: (at) => at.steps.three })
    // @ts-expect-error nor such a field of the input
    one.step('two', { input: (at) => at.input.nothing })
    // @ts-expect-error nor such a field of what the step before returns
    one.step('two', { input: (at) => at.steps.one.output.no })
    type Outputs = NonNullable<(typeof placeOrder)['types']>['output']
    expectTypeOf<Outputs['charge']>().toEqualTypeOf<{ receipt: string }>()
    expectTypeOf<Outputs['ship']>().toEqualTypeOf<Json>()
    const start = (sagas: Sagas) => sagas.start(placeOrder, { id: 'o-1', lines: [] })
    type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['result']>>
    expectTypeOf<NonNullable<Answer['output']>['charge']['receipt']>().toEqualTypeOf<string>()
    // @ts-expect-error an order has lines
    const wrong = (sagas: Sagas) => sagas.start(placeOrder, { id: 'o-1' })
    expect(wrong).toBeTypeOf('function')
  })
})
