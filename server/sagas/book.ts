/** The runs in memory: definitions, states folded from their events, and how many runs are in which state. */
import { NotFoundError } from '../../core/errors.ts'
import type { SagaDefinition } from '../../core/saga/definition.ts'
import type { HistoryEvent } from '../../core/saga/event.ts'
import { fold } from '../../core/saga/evolve.ts'
import type { RunState, RunStatus } from '../../core/saga/state.ts'
import { type Counts, noCounts } from '../../core/saga/view.ts'
import type { ReadTx } from '../../db/store.ts'
import { unpack } from './pack.ts'

/** Open runs whose state is kept at hand; others are folded again from their events when they are needed. */
const STATES_MAX = 20_000
const DEFINITIONS_MAX = 2_000

export interface Open {
  definition: SagaDefinition
  state: RunState
}

export class Book {
  readonly #states = new Map<string, RunState>()
  readonly #definitions = new Map<string, SagaDefinition>()
  readonly #counts = new Map<string, Counts>()
  /** runs that wait for a person */
  readonly #waiting = new Set<string>()
  /** admitted and not ended, by definition */
  readonly active = new Map<string, number>()

  /** @throws NotFoundError */
  async definition(tx: ReadTx, name: string, version: number): Promise<SagaDefinition> {
    const key = `${name}@${version}`
    const known = this.#definitions.get(key)
    if (known) return known
    const row = await tx.q.sagas.definition(name, version)
    if (!row) throw new NotFoundError(`There is no version ${version} of the saga "${name}".`)
    if (this.#definitions.size >= DEFINITIONS_MAX) {
      for (const first of this.#definitions.keys()) {
        this.#definitions.delete(first)
        break
      }
    }
    this.#definitions.set(key, row.record)
    return row.record
  }

  /** @throws NotFoundError */
  async load(tx: ReadTx, id: string): Promise<Open> {
    const known = this.#states.get(id)
    if (known) return { state: known, definition: await this.definition(tx, known.definition, known.version) }
    const row = await tx.q.sagas.run(id)
    if (!row) throw new NotFoundError(`There is no run "${id}". It may have been removed after its keep.`)
    const definition = await this.definition(tx, row.definition, row.version)
    return { definition, state: fold(definition, await historyOf(tx, id)) }
  }

  /** What the transaction has made of a run; ended ones are read from the file when somebody asks. */
  keep(state: RunState): void {
    this.#states.delete(state.id)
    if (state.ended) return
    this.#states.set(state.id, state)
    if (this.#states.size <= STATES_MAX) return
    for (const oldest of this.#states.keys()) {
      this.#states.delete(oldest)
      break
    }
  }

  forget(id: string): void {
    this.#states.delete(id)
  }

  known(id: string): RunState | undefined {
    return this.#states.get(id)
  }

  count(definition: string, status: RunStatus, by: number): void {
    let counts = this.#counts.get(definition)
    if (!counts) {
      counts = noCounts()
      this.#counts.set(definition, counts)
    }
    counts[status] += by
  }

  counts(definition?: string | undefined): Counts {
    const sum = noCounts()
    for (const [name, counts] of this.#counts) {
      if (definition !== undefined && name !== definition) continue
      for (const status of Object.keys(sum) as RunStatus[]) sum[status] += counts[status]
    }
    return sum
  }

  /** Notes whether a run waits for a person; gives the way back. */
  attend(id: string, waits: boolean): () => void {
    const before = this.#waiting.has(id)
    const put = (is: boolean) => (is ? this.#waiting.add(id) : this.#waiting.delete(id))
    put(waits)
    return () => put(before)
  }

  /** How many runs wait for a person. */
  get waiting(): number {
    return this.#waiting.size
  }

  admit(definition: string, by: number): void {
    const left = (this.active.get(definition) ?? 0) + by
    if (left > 0) this.active.set(definition, left)
    else this.active.delete(definition)
  }
}

/** The whole history, also of a run that is packed. */
export async function historyOf(tx: ReadTx, id: string, after = 0, rows = 1_000_000): Promise<HistoryEvent[]> {
  const events = await tx.q.sagas.events(id, after, rows)
  if (events.length > 0) return events
  const packed = await tx.q.sagas.archive(id)
  return packed ? unpack(packed).filter((event) => event.seq > after) : events
}
