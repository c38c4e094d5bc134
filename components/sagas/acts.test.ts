import { expect, test } from 'vitest'
import { advance } from '@/core/saga/decide'
import type { SagaDefinition, StepSpec } from '@/core/saga/definition'
import type { EventBody, Phase } from '@/core/saga/event'
import type { RunState } from '@/core/saga/state'
import { normalise } from '@/core/saga/validate'
import { viewOf } from '@/core/saga/view'
import { actsOn, helpFor, meaningOf } from './acts'
import { laneRows, undoOrder } from './lane-layout'
import { Replay } from './replay'
import { quietOf, waitsFor } from './words'

const step = (name: string, more: Partial<StepSpec> = {}): StepSpec => ({
  name,
  action: { type: 'task', task: name },
  undo: {},
  retry: { maxAttempts: 1 },
  ...more,
})
const ORDER: SagaDefinition = normalise({
  name: 'order',
  steps: [
    step('reserve', { undo: { retry: { maxAttempts: 1 } } }),
    { parallel: [step('charge'), step('pack')] },
    { name: 'ship', kind: 'pivot', action: { type: 'task', task: 'ship' }, retry: { maxAttempts: 1 } },
  ],
})

/** A run told by what happens to it. */
function told(...happenings: ((state: RunState) => EventBody[])[]) {
  const entries: import('@/core/saga/view').HistoryEntry[] = []
  let state: RunState | null = null
  const record = (bodies: EventBody[]) => {
    const next = advance(ORDER, state, bodies, 1_000 + entries.length)
    state = next.state
    for (const event of next.events) entries.push({ ...event, summary: '', operator: false })
  }
  record([
    {
      type: 'run.started',
      runId: 'r-1',
      definition: 'order',
      version: 1,
      input: {},
      idempotencyKey: null,
      attributes: {},
      breakpoints: [],
      paused: false,
      parent: null,
      redriveOf: null,
      carried: [],
      deadlineAt: null,
    },
    { type: 'run.admitted' },
  ])
  for (const happening of happenings) record(happening(state as unknown as RunState))
  return { view: viewOf(ORDER, state as unknown as RunState), entries }
}
const leased =
  (name: string, phase: Phase = 'do') =>
  (state: RunState): EventBody[] => [
    { type: 'step.leased', step: name, phase, attempt: 1, fence: state.fence + 1, worker: 'w1', actor: 'token:w' },
  ]
const done =
  (name: string, phase: Phase = 'do') =>
  (): EventBody[] => [{ type: 'step.succeeded', step: name, phase, output: { id: name } }]
const failed =
  (name: string, phase: Phase = 'do') =>
  (): EventBody[] => [
    {
      type: 'step.attempt-failed',
      step: name,
      phase,
      error: { code: 'NO', message: 'no' },
      outcome: 'failed',
      retryAt: null,
    },
  ]
const by = { actor: 'user:ada', reason: 'because' }
const RESERVED = [leased('reserve'), done('reserve')]

test('a pause is quiet only when what was in flight has finished', () => {
  const pausing = told(...RESERVED, leased('charge'), () => [{ type: 'run.paused', breakpoint: null, by }]).view
  expect(quietOf(pausing)).toBe('pausing')
  const quiet = told(
    ...RESERVED,
    leased('charge'),
    () => [{ type: 'run.paused', breakpoint: null, by }],
    done('charge'),
  ).view
  expect(quietOf(quiet)).toBe('quiet')
  expect(waitsFor(quiet, null)).toEqual(['Waits for you: it is paused.'])
})

test('what would be undone is said before it is, in its order', () => {
  const { view } = told(...RESERVED, leased('charge'), done('charge'), leased('pack'))
  expect(meaningOf({ kind: 'cancel' }, view).lines).toEqual([
    'No further step begins.',
    'These are undone: charge and pack, then reserve.',
    'pack in flight: its outcome is waited for, then undone as well.',
  ])
  expect([...undoOrder(view.plan.stages)]).toEqual([
    ['charge', 1],
    ['pack', 1],
    ['reserve', 2],
  ])
  expect(meaningOf({ kind: 'terminate' }, view).lines).toContain('What stays: reserve, charge.')
})

test('a stuck undo can be retried, edited, forced and waived; the last one ends the run', () => {
  const { view } = told(
    ...RESERVED,
    leased('charge'),
    failed('charge'),
    leased('reserve', 'undo'),
    failed('reserve', 'undo'),
  )
  expect(view.status).toBe('stuck')
  expect(helpFor(view).map(({ step, phase, acts }) => [step, phase, acts.map(({ kind }) => kind)])).toEqual([
    ['reserve', 'undo', ['retry', 'edit', 'force', 'waive']],
  ])
  expect(meaningOf({ kind: 'force', step: 'reserve' }, view).lines[1]).toBe('It is the last one: the run ends.')
  expect(actsOn(view.lanes[1] as (typeof view.lanes)[number], 'do', view)).toEqual([])
})

test('lanes stand in order of dependency, those of one level together', () => {
  const { view } = told()
  expect(laneRows(view.lanes).map(({ step: { name }, level, group }) => [name, level, group])).toEqual([
    ['reserve', 0, null],
    ['charge', 1, 'first'],
    ['pack', 1, 'last'],
    ['ship', 2, null],
  ])
})

test('any moment of a history can be had, forwards and backwards, as the run itself was', () => {
  const { view, entries } = told(...RESERVED, leased('charge'), done('charge'), leased('pack'), done('pack'))
  const replay = new Replay(ORDER).follow(entries)
  expect(replay.view(entries.length)).toEqual(view)
  const statuses = [3, 6, 2, entries.length].map((seq) =>
    replay
      .view(seq)
      .lanes.map((lane) => lane.do.status)
      .join(),
  )
  const fresh = [3, 6, 2, entries.length].map((seq) =>
    new Replay(ORDER)
      .follow(entries)
      .view(seq)
      .lanes.map((lane) => lane.do.status)
      .join(),
  )
  expect(statuses).toEqual(fresh)
})
