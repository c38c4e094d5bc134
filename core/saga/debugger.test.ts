/** What a person may do to a run, by the core alone. */
import { describe, expect, test } from 'vitest'
import { advance } from './decide.ts'
import type { Json, SagaDefinition } from './definition.ts'
import type { EventBody, Phase } from './event.ts'
import { operate } from './operate.ts'
import { succeeded } from './outcome.ts'
import { candidates, mayLease, plan } from './plan.ts'
import { keyOf, type RunState, type StepState } from './state.ts'
import { normalise } from './validate.ts'
import { viewOf } from './view.ts'

const BY = { actor: 'user:ada', reason: 'because' }

function started(definition: SagaDefinition): EventBody[] {
  const { name, version } = definition
  const rest = { idempotencyKey: null, attributes: {}, breakpoints: [], paused: false, parent: null }
  return [
    {
      type: 'run.started',
      runId: 'r1',
      definition: name,
      version,
      input: {},
      redriveOf: null,
      carried: [],
      deadlineAt: null,
      ...rest,
    },
    { type: 'run.admitted' },
  ]
}

describe('the debugger', () => {
  const definition = normalise({
    name: 'two',
    steps: [
      { name: 'a', action: { type: 'task', task: 'a' }, undo: {} },
      { name: 'b', action: { type: 'task', task: 'b' }, undo: {} },
    ],
  })

  test('a paused run hands nothing out; a step over lets one lane go on', () => {
    let { state } = advance(definition, null, started(definition), 1)
    state = advance(definition, state, operate(definition, state, { type: 'pause' }, BY), 2).state
    expect(state.status).toBe('paused')
    expect(mayLease(definition, state, 'a', 'do', false)).toBe(false)
    state = advance(definition, state, operate(definition, state, { type: 'step' }, BY), 3).state
    expect(mayLease(definition, state, 'a', 'do', false)).toBe(true)
    expect(candidates(definition, state)).toEqual([{ step: 'a', phase: 'do' }])
    expect(() => operate(definition, state, { type: 'pause' }, BY)).toThrow(/paused already/)
  })

  /** A run to which one thing has happened after another. */
  function at(of: SagaDefinition, ...bodies: EventBody[]): RunState {
    const begun = advance(of, null, started(of), 1).state
    return bodies.reduce((state, body) => advance(of, state, [body], 1).state, begun)
  }
  const leasedBy = (step: string, phase: Phase = 'do', fence = 1): EventBody => {
    return { type: 'step.leased', step, phase, attempt: 1, fence, worker: 'w', actor: 'a' }
  }
  const done = (step: string, output: Json = null): EventBody => ({ type: 'step.succeeded', step, phase: 'do', output })
  const pause: EventBody = { type: 'run.paused', breakpoint: null, by: BY }

  test.each(['cancel', 'compensate'] as const)(
    '%s turns a paused run round at once; its undos wait for Continue',
    (type) => {
      let state = at(definition, leasedBy('a'), done('a'), pause)
      state = advance(definition, state, operate(definition, state, { type }, BY), 2).state
      expect(state).toMatchObject({ status: 'paused', direction: 'backward', cause: { type, by: BY } })
      expect(state.steps.a?.undo.status).toBe('owed')
      expect(state.steps.b?.do.status).toBe('cancelled')
      expect(mayLease(definition, state, 'a', 'undo', false)).toBe(false)
      state = advance(definition, state, operate(definition, state, { type: 'resume' }, BY), 3).state
      expect(mayLease(definition, state, 'a', 'undo', false)).toBe(true)
    },
  )

  test('cancel ends a paused run that has not begun', () => {
    const state = at(definition, pause)
    expect(advance(definition, state, operate(definition, state, { type: 'cancel' }, BY), 2).state.ended).toBe(
      'cancelled',
    )
  })

  test('a cancel that waits for the pivot is in sight, paused or not', () => {
    const pivot = normalise({ name: 'p', steps: [{ name: 'a', kind: 'pivot', action: { type: 'task', task: 'a' } }] })
    for (const bodies of [[leasedBy('a')], [leasedBy('a'), pause]]) {
      const before = at(pivot, ...bodies)
      const { state } = advance(pivot, before, operate(pivot, before, { type: 'cancel' }, BY), 2)
      expect(state.direction).toBe('forward')
      expect(viewOf(pivot, state).asked).toEqual({ ...BY, for: 'cancel' })
    }
  })

  const one = (kind: 'compensatable' | 'retriable') =>
    normalise({
      name: 'one',
      steps: [{ name: 'a', kind, action: { type: 'task', task: 'a' }, retry: { maxAttempts: 1 }, undo: {}, probe: {} }],
    })
  const lost: EventBody = {
    ...{ type: 'step.attempt-failed', step: 'a', phase: 'do', retryAt: null },
    ...{ outcome: 'unknown', error: { code: 'LEASE_EXPIRED', message: 'gone' } },
  }
  const no = (final: boolean): EventBody => succeeded('probe', 'a', { done: false, final })

  test("a probe's no that is final needs no undo; one that is not leaves it owed", () => {
    const settled = at(one('compensatable'), leasedBy('a'), lost, leasedBy('a', 'probe', 2), no(true))
    expect(settled.ended).toBe('failed')
    expect(settled.steps.a?.undo.status).toBe('not-needed')
    const open = at(one('compensatable'), leasedBy('a'), lost, leasedBy('a', 'probe', 2), no(false))
    expect(open).toMatchObject({
      direction: 'backward',
      steps: { a: { do: { status: 'failed' }, undo: { status: 'ready' } } },
    })
    expect(plan(one('compensatable'), open).stages).toMatchObject([[{ step: 'a', because: 'unknown' }]])
  })

  test('the key of a final no is spent: the retry gets a new one; otherwise the key stays', () => {
    for (const [final, key] of [
      [true, 'r1:a:2:do'],
      [false, 'r1:a:1:do'],
    ] as const) {
      const definition = one('retriable')
      let state = at(definition, leasedBy('a'), lost, leasedBy('a', 'probe', 2), no(final))
      expect(state.status).toBe('stuck')
      const retry = { type: 'retryStep', step: 'a', phase: 'do', newKey: false } as const
      state = advance(definition, state, operate(definition, state, retry, BY), 2).state
      expect(keyOf(state.steps.a as StepState, 'do')).toBe(key)
      expect(state.steps.a?.keySpent).toBe(false)
    }
  })

  test('a no for now can be made final by a person', () => {
    const definition = one('retriable')
    let state = at(definition, leasedBy('a'), lost, leasedBy('a', 'probe', 2), no(false))
    const skip = { type: 'skipStep', step: 'a', output: null } as const
    expect(() => operate(definition, state, skip, BY)).toThrow(/Resolve that before/)
    const resolve = { type: 'resolveUnknown', step: 'a', happened: false, output: null } as const
    state = advance(definition, state, operate(definition, state, resolve, BY), 2).state
    expect(advance(definition, state, operate(definition, state, skip, BY), 3).state.ended).toBe('succeeded')
  })

  test('an input that its template makes too large stops the step, until a person edits it', () => {
    const definition = normalise({
      name: 'large',
      steps: [
        { name: 'a', action: { type: 'task', task: 'a' }, undo: { input: { twice: ['$.do.output', '$.do.output'] } } },
        {
          name: 'b',
          kind: 'retriable',
          action: { type: 'task', task: 'b' },
          input: ['$.steps.a.output', '$.steps.a.output'],
        },
      ],
    })
    let state = at(definition, leasedBy('a'), done('a', 'x'.repeat(200_000)))
    expect(state).toMatchObject({
      status: 'stuck',
      steps: { b: { do: { status: 'failed', error: { code: 'INPUT_TOO_LARGE' } } } },
    })
    const retry = { type: 'retryStep', step: 'b', phase: 'do', newKey: false } as const
    expect(() => operate(definition, state, retry, BY)).toThrow(/Edit it first/)
    const edit = { type: 'editInput', step: 'b', phase: 'do', input: 'small' } as const
    state = advance(definition, state, operate(definition, state, edit, BY), 2).state
    state = advance(definition, state, operate(definition, state, retry, BY), 3).state
    expect(state.steps.b?.do).toMatchObject({ status: 'ready', input: 'small' })
    state = advance(definition, state, operate(definition, state, { type: 'cancel' }, BY), 4).state
    expect(state).toMatchObject({
      status: 'stuck',
      steps: { a: { undo: { status: 'stuck', error: { code: 'INPUT_TOO_LARGE' } } } },
    })
  })
})
