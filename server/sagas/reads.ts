/** What is asked about sagas. */
import { NotFoundError } from '../../core/errors.ts'
import type { Json } from '../../core/saga/definition.ts'
import type { Phase } from '../../core/saga/event.ts'
import { type Candidate, candidates, type Plan, plan } from '../../core/saga/plan.ts'
import { entryOf } from '../../core/saga/sentence.ts'
import type { RunState } from '../../core/saga/state.ts'
import {
  type Counts,
  type DefinitionSummary,
  type DefinitionView,
  type HistoryEntry,
  type RunSummary,
  type RunView,
  summaryOf,
  viewOf,
} from '../../core/saga/view.ts'
import type { SagaRunFilter, SagaRunRow } from '../../db/saga-queries.ts'
import type { ReadTx } from '../../db/store.ts'
import { historyOf, type Open } from './book.ts'
import type { Recorded, SagaEngine } from './engine.ts'

/** Versions and forks listed at most. */
const VERSIONS_MAX = 200
const RELATED_MAX = 100

export interface RunMessage {
  type: 'run'
  seq: number
  now: number
  run: RunView
  /** those after the reader's cursor; none when it had none */
  entries: HistoryEntry[]
}

export interface RunDetails {
  run: RunView
  definition: DefinitionView
  children: RunSummary[]
  forks: RunSummary[]
  /** how far the workers of attempts under way say that they are */
  progress: Progress[]
}

export interface Progress {
  step: string
  phase: Phase
  value: Json
  /** milliseconds since the epoch */
  at: number
}

export interface RunResult {
  runId: string
  done: boolean
  status: string
  /** of each step that is done, when the run has succeeded */
  output: { [step: string]: Json } | null
  error: RunSummary['error']
  attention: string | null
}

export class SagaReads {
  readonly #engine: SagaEngine

  constructor(engine: SagaEngine) {
    this.#engine = engine
  }

  #open(tx: ReadTx, id: string): Promise<Open> {
    return this.#engine.book.load(tx, id)
  }

  async #summary(tx: ReadTx, row: SagaRunRow): Promise<RunSummary> {
    const state = row.endedAt === null ? this.#engine.book.known(row.id) : undefined
    if (!state) return row.summary
    return summaryOf(await this.#engine.book.definition(tx, state.definition, state.version), state)
  }

  async list(
    filter: SagaRunFilter,
  ): Promise<{ runs: RunSummary[]; next: string | null; counts: Counts; waiting: number }> {
    const { runs, next } = await this.#engine.store.read(async (tx) => {
      const rows = await tx.q.sagas.runs(filter)
      const runs: RunSummary[] = []
      for (const row of rows) runs.push(await this.#summary(tx, row))
      const last = rows.at(-1)
      return { runs, next: last && rows.length === filter.limit ? last.id : null }
    })
    const { book } = this.#engine
    return { runs, next, counts: book.counts(filter.definition), waiting: book.waiting }
  }

  async parked(after: { since: number; id: string } | null, limit: number) {
    return this.#engine.store.read(async (tx) => {
      const rows = await tx.q.sagas.parked(after, limit)
      const runs: RunSummary[] = []
      for (const row of rows) runs.push(await this.#summary(tx, row))
      const last = rows.at(-1)
      const next = last && rows.length === limit ? { since: last.attentionSince as number, id: last.id } : null
      return { runs, next, waiting: this.#engine.book.waiting }
    })
  }

  async get(id: string): Promise<RunDetails> {
    return this.#engine.store.read(async (tx) => {
      const { definition, state } = await this.#open(tx, id)
      const row = await tx.q.sagas.definition(state.definition, state.version)
      const related = async (filter: Partial<SagaRunFilter>) => {
        const found: RunSummary[] = []
        for (const one of await tx.q.sagas.runs({ ...filter, limit: RELATED_MAX })) {
          found.push(await this.#summary(tx, one))
        }
        return found
      }
      return {
        run: viewOf(definition, state),
        definition: { ...definition, createdAt: row?.createdAt ?? 0, createdBy: row?.createdBy ?? '' },
        children: await related({ parentId: id }),
        forks: await related({ redriveOf: id }),
        progress: this.#progress(id),
      }
    })
  }

  #progress(runId: string): Progress[] {
    const all: Progress[] = []
    for (const { progress, ...held } of this.#engine.workers.held.values()) {
      if (held.runId === runId && progress) all.push({ step: held.step, phase: held.phase, ...progress })
    }
    return all
  }

  async history(id: string, after: number, limit: number) {
    return this.#engine.store.read(async (tx) => {
      const row = await tx.q.sagas.run(id)
      if (!row) throw new NotFoundError(`There is no run "${id}". It may have been removed after its keep.`)
      // A decision holds at least one event, so as many decisions hold at least as many events.
      const events = (await historyOf(tx, id, after, limit)).slice(0, limit)
      const last = events.at(-1)
      const seq = (await tx.q.sagas.lastSeq(id)) ?? row.seq
      const next = last && last.seq < seq ? last.seq : null
      return { entries: events.map(entryOf), next, seq, archived: row.archivedAt !== null }
    })
  }

  async plan(id: string): Promise<Plan & { next: Candidate[]; seq: number }> {
    return this.#engine.store.read(async (tx) => {
      const { definition, state } = await this.#open(tx, id)
      return { ...plan(definition, state), next: state.ended ? [] : candidates(definition, state), seq: state.seq }
    })
  }

  counts(definition?: string | undefined): { counts: Counts; waiting: number } {
    const { book } = this.#engine
    return { counts: book.counts(definition), waiting: book.waiting }
  }

  async definitions(): Promise<{ definitions: DefinitionSummary[]; waiting: number }> {
    return this.#engine.store.read(async (tx) => {
      const definitions: DefinitionSummary[] = []
      for (const head of await tx.q.sagas.heads()) {
        const row = await tx.q.sagas.definition(head.name, head.latest)
        if (!row) continue
        definitions.push({
          name: head.name,
          description: row.record.description,
          latest: head.latest,
          versions: head.latest,
          steps: row.record.steps.length,
          updatedAt: row.createdAt,
          updatedBy: row.createdBy,
          breakpoints: head.breakpoints,
          counts: this.#engine.book.counts(head.name),
        })
      }
      return { definitions, waiting: this.#engine.book.waiting }
    })
  }

  async definition(name: string, version?: number | undefined) {
    return this.#engine.store.read(async (tx) => {
      const head = await tx.q.sagas.head(name)
      if (!head) throw new NotFoundError(`There is no saga "${name}".`)
      const row = await tx.q.sagas.definition(name, version ?? head.latest)
      if (!row) throw new NotFoundError(`"${name}" has no version ${version}. The newest is ${head.latest}.`)
      const definition: DefinitionView = { ...row.record, createdAt: row.createdAt, createdBy: row.createdBy }
      const versions = (await tx.q.sagas.versions(name, VERSIONS_MAX)).map((v) => ({
        version: v.version,
        createdAt: v.createdAt,
        createdBy: v.createdBy,
        steps: v.record.steps.length,
      }))
      const counts = this.#engine.book.counts(name)
      return { definition, versions, latest: head.latest, breakpoints: head.breakpoints, counts }
    })
  }

  queues() {
    const { workers } = this.#engine
    const limits = [...workers.limits].map(([queue, limit]) => ({ queue, limit }))
    return { queues: workers.stats(), limits, workers: workers.sessions, sessions: workers.list() }
  }

  // ---- following ----

  async *watch(
    id: string,
    options: { cursor: number | null; signal: AbortSignal; ready: (() => Promise<void>) | undefined },
  ): AsyncGenerator<RunMessage, void, undefined> {
    const { signal, ready } = options
    let latest: Recorded | null = null
    let entries: HistoryEntry[] = []
    let wake: (() => void) | null = null
    const stop = this.#engine.listen(id, (recorded) => {
      latest = recorded
      for (const event of recorded.events) entries.push(entryOf(event))
      wake?.()
    })
    const abort = () => wake?.()
    signal.addEventListener('abort', abort)
    try {
      const first = await this.#engine.store.read(async (tx) => {
        const { definition, state } = await this.#open(tx, id)
        const missed = options.cursor === null ? [] : (await historyOf(tx, id, options.cursor)).map(entryOf)
        return { run: viewOf(definition, state), missed: missed.filter((entry) => entry.seq <= state.seq) }
      })
      let seq = first.run.seq
      yield { type: 'run', seq, now: this.#engine.clock.wall(), run: first.run, entries: first.missed }
      for (;;) {
        if (ready) await ready()
        if (!latest) {
          await new Promise<void>((resolve) => {
            wake = resolve
            if (latest || signal.aborted) resolve()
          })
          wake = null
        }
        if (signal.aborted) return
        const { definition, state } = latest as unknown as Recorded
        const fresh = entries.filter((entry) => entry.seq > seq)
        latest = null
        entries = []
        if (state.seq <= seq) continue
        seq = state.seq
        yield { type: 'run', seq, now: this.#engine.clock.wall(), run: viewOf(definition, state), entries: fresh }
      }
    } finally {
      signal.removeEventListener('abort', abort)
      stop()
    }
  }

  /** Waits for the end of a run, or for it to wait for a person. */
  async result(id: string, waitMs: number): Promise<RunResult> {
    let stop = () => {}
    const settled = new Promise<RunResult>((resolve) => {
      stop = this.#engine.listen(id, ({ definition, state }) => {
        if (isSettled(state)) resolve(resultOf({ definition, state }))
      })
    })
    try {
      const known = this.#engine.book.known(id)
      if (!known || isSettled(known)) {
        const now = await this.#engine.store.read((tx) => this.#open(tx, id))
        if (isSettled(now.state) || waitMs === 0) return resultOf(now)
      }
      const timeout = this.#timeouts.wait(waitMs)
      const result = await Promise.race([settled, timeout.over])
      timeout.cancel()
      if (result) return result
      return resultOf(await this.#engine.store.read((tx) => this.#open(tx, id)))
    } finally {
      stop()
    }
  }

  readonly #timeouts = new Timeouts()
}

/** Waits that end by themselves. */
class Timeouts {
  wait(ms: number): { over: Promise<null>; cancel(): void } {
    let handle: NodeJS.Timeout | undefined
    const over = new Promise<null>((resolve) => {
      handle = setTimeout(() => resolve(null), ms)
      handle.unref()
    })
    return { over, cancel: () => clearTimeout(handle) }
  }
}

function isSettled(state: RunState): boolean {
  return state.ended !== null || state.status === 'stuck'
}

function resultOf({ definition, state }: Open): RunResult {
  const { error, attention } = summaryOf(definition, state)
  const output: { [step: string]: Json } = {}
  if (state.ended === 'succeeded') {
    for (const step of Object.values(state.steps)) output[step.name] = step.do.output
  }
  return {
    runId: state.id,
    done: state.ended !== null,
    status: state.status,
    output: state.ended === 'succeeded' ? output : null,
    error,
    attention,
  }
}
