import { expect, test } from 'vitest'
import { normalise } from '@/core/saga/validate'
import type { RunView, StepView } from '@/core/saga/view'
import { forkable, forkFrom, undoneAgain } from './fork-from'
import { nextInput } from './next-input'
import { whileSame } from './while-same'
import { planSentence } from './words'

const lane = (status: string, more: object = {}) => ({ status, input: null, output: null, ...more })
const step = (name: string, after: string[], done: string, undo = 'not-needed', more: object = {}) =>
  ({ name, after, do: lane(done, more), undo: lane(undo) }) as unknown as StepView
const run = (...lanes: StepView[]) => ({ id: 'r', input: { sum: 3 }, attributes: {}, lanes }) as unknown as RunView

test('a fork begins at the first step that has not come about, never behind one that was undone', () => {
  const undone = run(
    step('reserve', [], 'succeeded', 'compensated'),
    step('charge', ['reserve'], 'succeeded', 'forced'),
    step('ship', ['charge'], 'failed'),
  )
  expect(forkable(undone)).toEqual(['reserve'])
  expect(forkFrom(undone)).toBe('reserve')
  expect(undoneAgain(undone, 'reserve')).toEqual(['reserve', 'charge'])
  const parked = run(
    step('reserve', [], 'succeeded'),
    step('charge', ['reserve'], 'skipped'),
    step('ship', ['charge'], 'failed'),
  )
  expect(forkable(parked)).toEqual(['reserve', 'charge', 'ship'])
  expect(forkFrom(parked)).toBe('ship')
  expect(undoneAgain(parked, 'ship')).toEqual([])
  expect(forkFrom(run(step('reserve', [], 'succeeded')))).toBeNull()
})

test('the next input is the template filled in with what is known; what is not yet, is named', () => {
  const definition = normalise({
    name: 'order',
    steps: [
      { name: 'reserve', action: { type: 'task', task: 'reserve' }, undo: {} },
      {
        name: 'charge',
        action: { type: 'task', task: 'charge' },
        input: { sum: '$.input.sum', shelf: '$.steps.reserve.output.shelf' },
        undo: { input: { receipt: '$.do.output.id' } },
      },
    ],
  })
  const before = run(step('reserve', [], 'leased'), step('charge', ['reserve'], 'pending'))
  expect(nextInput(before, definition, 'charge', 'do')).toEqual({
    value: { sum: 3, shelf: null },
    missing: ['reserve'],
  })
  const after = run(
    step('reserve', [], 'succeeded', 'not-needed', { output: { shelf: 9 } }),
    step('charge', ['reserve'], 'succeeded', 'owed', { output: { id: 'x' } }),
  )
  expect(nextInput(after, definition, 'charge', 'do')).toEqual({ value: { sum: 3, shelf: 9 }, missing: [] })
  expect(nextInput(after, definition, 'charge', 'undo').value).toEqual({ receipt: 'x' })
  expect(nextInput(before, definition, 'reserve', 'do').value).toEqual({ sum: 3 })
})

test('a run that goes on elsewhere does not refuse an act; one whose step has changed does', async () => {
  let now = { seq: 5, what: 'stuck' }
  const attempts: number[] = []
  const conflict = (seq: number) => Object.assign(new Error('has moved on'), { code: 'CONFLICT', details: { seq } })
  const act = (becomes: { seq: number; what: string }) =>
    whileSame({
      run: () => now as unknown as RunView,
      isSame: (is) => (is as unknown as typeof now).what === 'stuck',
      attempt: (seq) => {
        attempts.push(seq)
        if (seq === becomes.seq) return
        now = becomes
        throw conflict(becomes.seq)
      },
    })
  await act({ seq: 8, what: 'stuck' })
  expect(attempts).toEqual([5, 8])
  await expect(act({ seq: 9, what: 'undone' })).rejects.toThrow('has moved on')
})

test('a plan of very many stages is counted, a short one named', () => {
  const plan = (stages: number) => ({
    direction: 'forward' as const,
    plan: {
      outcome: 'undo' as const,
      stages: Array.from({ length: stages }, (_, at) => [{ step: `s${at}`, key: '', because: 'succeeded' as const }]),
      kept: [],
      sentence: 'named',
    },
  })
  expect(planSentence(plan(3))).toBe('named')
  expect(planSentence(plan(40))).toContain('40 steps in 40 stages')
})
