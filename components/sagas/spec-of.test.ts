import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SagaSpec, StepSpec } from '@/core/saga/definition'
import { normalise } from '@/core/saga/validate'
import { comparable, specOf } from './spec-of'

const step = (name: string): fc.Arbitrary<StepSpec> =>
  fc.record(
    {
      name: fc.constant(name),
      action: fc.constantFrom<StepSpec['action']>(
        { type: 'task', task: 't' },
        { type: 'http', service: 's', method: 'POST', path: '/x' },
      ),
      undo: fc.constantFrom<NonNullable<StepSpec['undo']>>(
        { action: { type: 'task', task: 't' } },
        {
          action: { type: 'task', task: 'u' },
          input: { a: '$.do.output' },
          retry: { maxAttempts: 3 },
          timeoutMs: 5_000,
        },
      ),
      retry: fc.constantFrom({ policy: 'gentle' }, { maxAttempts: 2, multiplier: 3 }, {}),
      input: fc.constantFrom({ a: 1 }, null),
      leaseMs: fc.constantFrom(5_000, 30_000),
      description: fc.constantFrom('', 'does it'),
    },
    { requiredKeys: ['name', 'action'] },
  ) as fc.Arbitrary<StepSpec>

test('what is written from a definition makes the same definition again', () => {
  const spec = fc.tuple(step('a'), step('b'), step('c'), step('d'), fc.boolean(), fc.boolean()).map(
    ([a, b, c, d, isParallel, isCrossed]): SagaSpec => ({
      name: 'order',
      steps: [a, ...(isParallel ? [{ parallel: [b, c] }] : [b, c]), isCrossed ? { ...d, after: ['a'] } : d],
    }),
  )
  fc.assert(
    fc.property(spec, (written) => {
      const kept = normalise(written)
      const { steps, ...rest } = normalise(specOf(kept))
      expect({ ...rest, steps: steps.map(shape) }).toEqual({ ...kept, steps: kept.steps.map(shape) })
    }),
  )
})

const shape = (one: object) => JSON.parse(JSON.stringify(one)) as object

test('a comparison names steps, and says what was a default before it changed', () => {
  const of = (timeoutMs?: number) =>
    comparable(normalise({ name: 'order', steps: [{ name: 'a', action: { type: 'task', task: 't' }, timeoutMs }] }))
  expect(of()).toMatchObject({ steps: { a: { action: { type: 'task', task: 't' }, after: [], timeoutMs: 60_000 } } })
  expect(of(5_000)).toEqual({ ...of(), steps: { a: { ...(of().steps as { a: object }).a, timeoutMs: 5_000 } } })
})
