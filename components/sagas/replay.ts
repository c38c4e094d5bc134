/** A run as it was at any entry of its history, computed from the entries by the core itself. */
import type { SagaDefinition } from '@/core/saga/definition'
import { fold } from '@/core/saga/evolve'
import type { RunState } from '@/core/saga/state'
import { type HistoryEntry, type RunView, viewOf } from '@/core/saga/view'

/** States kept while going through a history: each step of the scrubber then folds at most so many entries. */
const KEPT_EVERY = 128

export class Replay {
  readonly #definition: SagaDefinition
  readonly #kept: RunState[] = []
  #entries: readonly HistoryEntry[] = []
  #last: { seq: number; state: RunState } | null = null

  constructor(definition: SagaDefinition) {
    this.#definition = definition
  }

  /** `entries`: all from the first on; may only grow. */
  follow(entries: readonly HistoryEntry[]): this {
    this.#entries = entries
    return this
  }

  /** The state after entry `seq`, from 1. */
  state(seq: number): RunState {
    const wanted = Math.min(Math.max(1, seq), this.#entries.length)
    const mark = Math.min(Math.floor(wanted / KEPT_EVERY), this.#kept.length)
    let from = mark === 0 ? 0 : mark * KEPT_EVERY
    let state: RunState | null = mark === 0 ? null : (this.#kept[mark - 1] as RunState)
    if (this.#last && this.#last.seq <= wanted && this.#last.seq >= from) {
      from = this.#last.seq
      state = this.#last.state
    }
    while (from < wanted) {
      const to = Math.min(wanted, (Math.floor(from / KEPT_EVERY) + 1) * KEPT_EVERY)
      state = fold(this.#definition, this.#entries.slice(from, to), state)
      if (to % KEPT_EVERY === 0 && this.#kept.length === to / KEPT_EVERY - 1) this.#kept.push(state)
      from = to
    }
    this.#last = { seq: wanted, state: state as RunState }
    return state as RunState
  }

  view(seq: number): RunView {
    return viewOf(this.#definition, this.state(seq))
  }
}

/** What an entry may have changed, for a comparison: of the run as a whole, and of one step. */
export function digest(view: RunView | null, step: string | null): Record<string, unknown> {
  if (!view) return {}
  const lane = view.lanes.find(({ name }) => name === step)
  const { status, direction, inFlight, paused, allowed, breakpoints, cause, attention } = view
  return {
    status,
    direction,
    inFlight,
    paused: paused !== null,
    ...(attention === null ? {} : { attention }),
    ...(allowed ? { allowed: `${allowed.phase} of ${allowed.step}` } : {}),
    ...(cause ? { cause: cause.type } : {}),
    breakpoints: breakpoints.map((b) => `${b.at} ${b.step}${b.once ? ' once' : ''}`),
    ...(lane
      ? {
          iteration: lane.iteration,
          do: half(lane.do),
          ...(lane.hasUndo ? { undo: half(lane.undo) } : {}),
          ...(lane.probe ? { probe: half(lane.probe) } : {}),
        }
      : {}),
  }
}

function half(
  lane: RunView['lanes'][number]['do'] | RunView['lanes'][number]['undo'] | RunView['lanes'][number]['probe'],
) {
  if (!lane) return null
  const { status, attempts, worker, input, output, error, maybe, retryAt, edited } = lane
  return { status, attempts, worker, maybe, input, output, error, retryAt, edited: edited?.input ?? null }
}

/** The step that an entry is about; null: the run as a whole. */
export function stepOfEntry(entry: HistoryEntry): string | null {
  if ('step' in entry) return entry.step
  if ('breakpoint' in entry && entry.breakpoint) return entry.breakpoint.step
  if (entry.type === 'undo.begun' && entry.cause.type === 'step') return entry.cause.step
  return null
}
