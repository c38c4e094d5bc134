/** Takes up every open run at the start: leases begin anew, timers are set again, queues are filled. */

import { PHASES } from '../../core/saga/event.ts'
import { fold } from '../../core/saga/evolve.ts'
import { stepOf } from '../../core/saga/graph.ts'
import type { RunState, RunStatus } from '../../core/saga/state.ts'
import { summaryOf } from '../../core/saga/view.ts'
import type { Open } from './book.ts'
import { isActive, readyLanes, type SagaEngine, SYSTEM_ORIGIN } from './engine.ts'
import { placeOf } from './task.ts'

const PORTION = 200

/** Returns how many runs are open. */
export async function recover(engine: SagaEngine): Promise<number> {
  const { store, book, workers } = engine
  await store.read(async (tx) => {
    for (const { definition, status, n } of await tx.q.sagas.counts()) book.count(definition, status as RunStatus, n)
    for (const { name, limit } of await tx.q.sagas.queues()) workers.limits.set(name, limit)
  })
  let open = 0
  let after = ''
  const unsettled: string[] = []
  const lostCalls: { runId: string; step: string; phase: (typeof PHASES)[number]; fence: number }[] = []
  for (;;) {
    const portion = await store.read(async (tx) => {
      const rows = await tx.q.sagas.openRuns(after, PORTION)
      const runs: Open[] = []
      for (const row of rows) {
        const definition = await book.definition(tx, row.definition, row.version)
        runs.push({ definition, state: fold(definition, await tx.q.sagas.events(row.id, 0, 1_000_000)) })
      }
      return runs
    })
    for (const run of portion) {
      takeUp(engine, run, lostCalls)
      if (engine.isUnsettled(run, engine.clock.wall())) unsettled.push(run.state.id)
    }
    open += portion.length
    const last = portion.at(-1)
    if (!last || portion.length < PORTION) break
    after = last.state.id
  }
  for (const { runId, step, phase, fence } of lostCalls) {
    await engine.change(SYSTEM_ORIGIN, runId, (state, definition, now) => {
      if (state.steps[step]?.[phase].lease?.fence !== fence) return []
      const error = { code: 'RESTARTED', message: 'The control plane was restarted while the call was under way.' }
      return [
        engine.failure(
          state,
          definition,
          now,
          { step, phase },
          {
            error,
            outcome: 'unknown',
            retryable: true,
            retryAfterMs: null,
          },
        ),
      ]
    })
  }
  // A newer program may decide what the one before did not.
  for (const id of unsettled) await engine.transact(SYSTEM_ORIGIN, (tx) => engine.settle(tx, id))
  for (const name of [...engine.queued.keys()]) {
    const first = engine.queued.get(name)?.[0]
    const state = first === undefined ? undefined : await store.read((tx) => book.load(tx, first))
    if (state) engine.admitNext(state.definition)
  }
  engine.pumpSoon()
  return open
}

function takeUp(
  engine: SagaEngine,
  { definition, state }: Open,
  lostCalls: { runId: string; step: string; phase: (typeof PHASES)[number]; fence: number }[],
): void {
  const { book, workers } = engine
  const now = engine.clock.wall()
  book.keep(state)
  book.attend(state.id, summaryOf(definition, state).attentionSince !== null)
  if (isActive(state)) book.admit(state.definition, 1)
  else engine.enqueueRun(state)
  if (state.deadlineAt !== null && !state.deadlinePassed) {
    engine.wake({ kind: 'deadline', runId: state.id, at: state.deadlineAt }, now)
  }
  for (const step of Object.values(state.steps)) {
    for (const phase of PHASES) {
      const ref = { runId: state.id, step: step.name, phase }
      const lane = step[phase]
      if (lane.lease) {
        const place = placeOf(definition, step.name, phase)
        if (place) workers.occupy(lane.lease.worker, place.queue)
        engine.hold(definition, state, ref)
        if (lane.lease.worker === 'http') lostCalls.push({ ...ref, fence: lane.lease.fence })
      }
      if (lane.status === 'backoff' && lane.retryAt !== null)
        engine.wake({ kind: 'retry', ...ref, at: lane.retryAt }, now)
      if (lane.status === 'waiting') wakeWaiting(engine, definition, state, ref, now)
    }
  }
  for (const ref of readyLanes(definition, state)) {
    const place = placeOf(definition, ref.step, ref.phase)
    if (place) workers.enqueue(place.key, ref)
  }
}

function wakeWaiting(
  engine: SagaEngine,
  definition: Open['definition'],
  state: RunState,
  ref: { runId: string; step: string; phase: (typeof PHASES)[number] },
  now: number,
): void {
  const lane = state.steps[ref.step]?.[ref.phase]
  if (lane?.waitFor?.type === 'timer') engine.wake({ kind: 'timer', ...ref, at: lane.waitFor.dueAt }, now)
  const limit = stepOf(definition, ref.step)?.stepTimeoutMs
  if (lane?.waitFor?.type === 'signal' && limit)
    engine.wake({ kind: 'step-timeout', ...ref, at: lane.since + limit }, now)
}
