import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advance, decide } from './decide.ts'
import type { SagaDefinition, StepSpec } from './definition.ts'
import type { EventBody, HistoryEvent, Phase } from './event.ts'
import { PHASES } from './event.ts'
import { evolve, fold } from './evolve.ts'
import { afterAll, stepOf } from './graph.ts'
import { type Operation, operate } from './operate.ts'
import { mayLease, plan } from './plan.ts'
import { RUN_STATUSES, RUN_TRANSITIONS, type RunState, type StepState } from './state.ts'
import { causeOf } from './status.ts'
import { fillIn } from './template.ts'
import { normalise } from './validate.ts'
import { summaryOf, viewOf } from './view.ts'

const BY = { actor: 'user:ada', reason: 'because' }

/** Definitions of up to seven steps, each after some of those before it; legal ones by construction. */
const definitions: fc.Arbitrary<SagaDefinition> = fc
  .record({
    steps: fc.array(
      fc.record({
        after: fc.array(fc.nat(6), { maxLength: 3 }),
        undo: fc.boolean(),
        probe: fc.boolean(),
        wait: fc.integer({ min: 0, max: 9 }),
      }),
      { minLength: 1, maxLength: 7 },
    ),
    pivot: fc.option(fc.nat(6)),
  })
  .map(({ steps, pivot }) => {
    const names = steps.map((_, i) => `s${i}`)
    const behind = new Set<number>()
    const specs = steps.map((step, i): StepSpec => {
      const after = [...new Set(step.after.filter((of) => of < i))]
      if (after.some((of) => of === pivot || behind.has(of))) behind.add(i)
      const kind = i === pivot ? 'pivot' : behind.has(i) ? 'retriable' : 'compensatable'
      const isTimer = step.wait === 0 && kind === 'compensatable'
      return {
        name: names[i] as string,
        kind,
        action: isTimer ? { type: 'timer', ms: 5 } : { type: 'task', task: 'work' },
        after: after.map((of) => names[of] as string),
        retry: { maxAttempts: 2 },
        ...(step.undo && kind === 'compensatable' && !isTimer ? { undo: { retry: { maxAttempts: 2 } } } : {}),
        ...(step.probe && !isTimer ? { probe: {} } : {}),
      }
    })
    return normalise({ name: 'any', steps: specs })
  })

/** A number a move: what happens next is drawn from it, so that a failing case can be run again. */
const moves = fc.array(fc.nat(1_000_000), { minLength: 5, maxLength: 120 })

interface Trace {
  states: RunState[]
  events: HistoryEvent[]
}

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

/** Everything that may come from outside at this moment. */
function possible(definition: SagaDefinition, state: RunState, luck: number): EventBody[][] {
  const all: EventBody[][] = []
  const doomed = causeOf(definition, state) !== null
  for (const step of Object.values(state.steps)) {
    for (const phase of PHASES) {
      const lane = step[phase]
      const of = { step: step.name, phase }
      if (mayLease(definition, state, step.name, phase, doomed)) {
        const attempt = lane.attempts + 1
        all.push([{ type: 'step.leased', ...of, attempt, fence: state.fence + 1, worker: 'w', actor: 'a' }])
      }
      if (lane.status === 'leased') {
        const error = { code: 'NO', message: 'no' }
        const retryAt = lane.tries < 2 ? 1 : null
        if (phase === 'probe') {
          const final = luck % 2 === 0 ? undefined : ([true, false, undefined] as const)[luck % 3]
          all.push([{ type: 'step.succeeded', ...of, output: null, happened: luck % 2 === 0, final }])
        } else all.push([{ type: 'step.succeeded', ...of, output: luck }])
        all.push([{ type: 'step.attempt-failed', ...of, error, outcome: 'failed', retryAt }])
        all.push([{ type: 'step.attempt-failed', ...of, error, outcome: 'unknown', retryAt }])
      }
      if (lane.status === 'backoff') all.push([{ type: 'step.retry-due', ...of }])
      if (lane.status === 'waiting') all.push([{ type: 'step.succeeded', ...of, output: null }])
    }
  }
  return all
}

function operations(state: RunState, luck: number): Operation[] {
  const names = Object.keys(state.steps)
  const step = names[luck % names.length] as string
  const phase: Phase = luck % 2 === 0 ? 'do' : 'undo'
  return [
    { type: 'pause' },
    { type: 'resume' },
    { type: 'step' },
    { type: 'continue', until: step },
    {
      type: 'setBreakpoint',
      step,
      at: (['before', 'after', 'error', 'undo'] as const)[luck % 4] ?? 'before',
      once: false,
    },
    { type: 'retryStep', step, phase, newKey: luck % 3 === 0 },
    { type: 'skipStep', step, output: null },
    { type: 'editInput', step, phase, input: { edited: luck } },
    { type: 'resolveUnknown', step, happened: luck % 2 === 0, output: null },
    { type: 'force', step },
    { type: 'waive', step },
    { type: 'cancel' },
    { type: 'compensate' },
  ]
}

/** Runs a definition by chance; `people`: with operators who do anything at any time. */
function simulate(definition: SagaDefinition, draws: readonly number[], people: boolean): Trace {
  const trace: Trace = { states: [], events: [] }
  let at = 1
  const go = (bodies: EventBody[]) => {
    const before = trace.states.at(-1) ?? null
    const { events } = advance(definition, before, bodies, at)
    let state = before
    for (const event of events) {
      state = evolve(definition, state, event)
      trace.states.push(state)
      trace.events.push(event)
    }
  }
  go(started(definition))
  for (const luck of draws) {
    at += 1
    const state = trace.states.at(-1) as RunState
    if (state.ended) break
    if (people && luck % 5 === 0) {
      const all = operations(state, Math.floor(luck / 5))
      try {
        go(operate(definition, state, all[luck % all.length] as Operation, BY))
      } catch (error) {
        if ((error as { code?: string }).code === 'INTERNAL') throw error
      }
      continue
    }
    const all = possible(definition, state, luck)
    const bodies = all[luck % Math.max(1, all.length)]
    if (bodies) go(bodies)
  }
  return trace
}

const isSettledUndo = (step: StepState) =>
  !['owed', 'ready', 'leased', 'backoff', 'waiting', 'stuck'].includes(step.undo.status)

function check(definition: SagaDefinition, { states, events }: Trace): void {
  let turned = false
  const last = states.at(-1) as RunState
  events.forEach((event, i) => {
    const before = states[i - 1]
    const after = states[i] as RunState
    if (before && before.status !== after.status) expect(RUN_TRANSITIONS[before.status]).toContain(after.status)
    if (before?.ended) throw new Error('something happened after the end')
    // S4
    if (event.type === 'undo.begun') turned = true
    if (turned && (event.type === 'step.ready' || event.type === 'step.leased')) expect(event.phase).not.toBe('do')
    // S3: when an undo is handed out, all that was built upon its step is settled, and the step itself may have happened
    if (event.type === 'step.leased' && event.phase === 'undo') {
      const own = after.steps[event.step] as StepState
      // … or its participant's no was not the last word
      expect(own.do.maybe || ['succeeded', 'unknown'].includes(own.do.status)).toBe(true)
      for (const name of afterAll(definition, event.step)) {
        const later = after.steps[name] as StepState
        expect(isSettledUndo(later)).toBe(true)
        expect(['leased', 'waiting']).not.toContain(later.do.status)
      }
    }
    // a step begins when all before it are done
    if (event.type === 'step.ready' && event.phase === 'do') {
      for (const name of stepOf(definition, event.step)?.after ?? []) {
        expect(['succeeded', 'skipped']).toContain(after.steps[name]?.do.status)
      }
    }
    // a committed pivot closes the way back
    if (event.type === 'undo.begun') {
      for (const step of definition.steps) {
        if (step.kind === 'pivot') expect(after.steps[step.name]?.do.status).not.toBe('succeeded')
      }
    }
    expect(after.inFlight).toBe(
      Object.values(after.steps).reduce((n, s) => n + PHASES.filter((phase) => s[phase].lease !== null).length, 0),
    )
  })
  // what has ended owes nothing
  if (last.ended && last.ended !== 'terminated' && last.ended !== 'succeeded') {
    for (const step of Object.values(last.steps)) {
      const may = step.do.status === 'succeeded' || step.do.status === 'unknown' || step.do.maybe
      if (may && stepOf(definition, step.name)?.undo && !step.carried) {
        expect(['compensated', 'forced', 'waived']).toContain(step.undo.status)
      } else if (step.undo.by) {
        // Somebody settled the undo while its probe was still out, which then found that nothing had happened.
        expect(['forced', 'waived']).toContain(step.undo.status)
      } else expect(step.undo.status).toBe('not-needed')
    }
  }
  // the same history gives the same state, and nothing is left undecided
  expect(fold(definition, events)).toEqual(last)
  const half = fold(definition, events.slice(0, Math.ceil(events.length / 2)))
  const kept = structuredClone(half)
  expect(fold(definition, events.slice(Math.ceil(events.length / 2)), half)).toEqual(last)
  expect(half).toEqual(kept)
  expect(decide(definition, last, 1_000)).toEqual([])
  viewOf(definition, last)
}

describe('properties', () => {
  test('whatever workers report, S3 and S4 hold, transitions are legal, and nothing is owed at the end', () => {
    fc.assert(
      fc.property(definitions, moves, (definition, draws) => check(definition, simulate(definition, draws, false))),
      { numRuns: 1_500 },
    )
  })

  test('the same with people who pause, step, skip, retry, resolve, force and waive at any time', () => {
    fc.assert(
      fc.property(definitions, moves, (definition, draws) => check(definition, simulate(definition, draws, true))),
      { numRuns: 1_500 },
    )
  })

  test('S1: a run that can go on by itself is never left without anything to wait for', () => {
    fc.assert(
      fc.property(definitions, moves, (definition, draws) => {
        const state = simulate(definition, draws, false).states.at(-1) as RunState
        if (state.ended || state.status === 'stuck') return
        expect(possible(definition, state, 1).length).toBeGreaterThan(0)
      }),
      { numRuns: 1_000 },
    )
  })

  test('the plan names exactly what is then undone, later things first', () => {
    fc.assert(
      fc.property(definitions, moves, (definition, draws) => {
        const { states } = simulate(definition, draws, false)
        for (const state of states) {
          const planned = plan(definition, state)
          if (planned.outcome !== 'undo' || state.direction === 'backward' || state.inFlight > 0) continue
          if (Object.values(state.steps).some((step) => step.do.status === 'waiting')) continue
          if (
            Object.values(state.steps).some(
              (step) => step.probe.status !== 'none' || stepOf(definition, step.name)?.probe,
            )
          )
            continue
          const { state: after } = advance(definition, state, operate(definition, state, { type: 'compensate' }, BY), 9)
          const owed = Object.values(after.steps)
            .filter((step) => !isSettledUndo(step))
            .map((step) => step.name)
          expect(
            planned.stages
              .flat()
              .map((undo) => undo.step)
              .sort(),
          ).toEqual(owed.sort())
        }
      }),
      { numRuns: 300 },
    )
  })

  test('every status of a run is reached', () => {
    const seen = new Set<string>(['queued', 'terminated'])
    fc.assert(
      fc.property(definitions, moves, (definition, draws) => {
        for (const state of simulate(definition, draws, true).states) seen.add(summaryOf(definition, state).status)
      }),
      { numRuns: 2_000, seed: 11 },
    )
    expect([...seen].sort()).toEqual([...RUN_STATUSES].sort())
  })
})

describe('templates', () => {
  test('paths, literals and what is not there', () => {
    const scope = { input: { a: [1, { b: 'x' }] }, steps: { s: { output: null } } }
    expect(fillIn({ x: '$.input.a[1].b', y: ['$.nothing'], z: '$$.input', w: 3 }, scope)).toEqual({
      x: 'x',
      y: [null],
      z: '$.input',
      w: 3,
    })
    expect(fillIn('$.input.constructor', scope)).toBe(null)
  })
})

describe('validation', () => {
  const task = { type: 'task', task: 't' } as const
  test.each([
    ['no steps', { steps: [] }, /has no steps/],
    [
      'a circle',
      {
        steps: [
          { name: 'a', action: task, after: ['b'] },
          { name: 'b', action: task, after: ['a'] },
        ],
      },
      /circle/,
    ],
    ['itself', { steps: [{ name: 'a', action: task, after: ['a'] }] }, /waits for itself/],
    ['dangling', { steps: [{ name: 'a', action: task, after: ['z'] }] }, /"z", which is no step/],
    [
      'twice',
      {
        steps: [
          { name: 'a', action: task },
          { name: 'a', action: task },
        ],
      },
      /Two steps are called "a"/,
    ],
    ['a reserved name', { steps: [{ name: '__proto__', action: task }] }, /no name for a step/],
    ['a bad path', { steps: [{ name: 'a', action: task, input: '$.input..x' }] }, /is no path/],
    ['a path to nowhere', { steps: [{ name: 'a', action: task, input: '$.output' }] }, /names nothing/],
    [
      'a step not done before',
      {
        steps: [
          { name: 'a', action: task, input: '$.steps.b.output' },
          { name: 'b', action: task },
        ],
      },
      /not done before it/,
    ],
    ['a pivot with an undo', { steps: [{ name: 'a', kind: 'pivot', action: task, undo: {} }] }, /point of no return/],
    [
      'compensatable after a pivot',
      {
        steps: [
          { name: 'a', kind: 'pivot', action: task },
          { name: 'b', action: task },
        ],
      },
      /make it retriable/,
    ],
    [
      'an undo of nothing',
      { steps: [{ name: 'a', action: { type: 'signal', signal: 's' }, undo: {} }] },
      /how it is undone/,
    ],
    ['itself as a child', { steps: [{ name: 'a', action: { type: 'saga', definition: 'bad' } }] }, /without end/],
    ['a timer without a time', { steps: [{ name: 'a', action: { type: 'timer' } }] }, /either "ms" or "until"/],
  ] as const)('%s', (_what, spec, message) => {
    expect(() => normalise({ name: 'bad', ...(spec as unknown as { steps: StepSpec[] }) })).toThrow(message)
  })

  test('sequence and parallel groups become "after"', () => {
    const { steps } = normalise({
      name: 'x',
      steps: [
        { name: 'a', action: task },
        {
          parallel: [
            { name: 'b', action: task },
            { name: 'c', action: task },
          ],
        },
        { name: 'd', action: task },
      ],
    })
    expect(steps.map((step) => [step.name, step.after])).toEqual([
      ['a', []],
      ['b', ['a']],
      ['c', ['a']],
      ['d', ['b', 'c']],
    ])
  })
})
