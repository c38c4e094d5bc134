/** Sagas by the clock: a cron expression each, one run a due time, started by its key so that none starts twice. */
import { Cron } from 'croner'
import { ConflictError, NotFoundError, ValidationError } from '../../core/errors.ts'
import type { Json } from '../../core/saga/definition.ts'
import type { SagaSchedule } from '../../db/saga-queries.ts'
import type { Tx } from '../../db/store.ts'
import { type SagaEngine, SYSTEM_ORIGIN } from './engine.ts'
import { startRun } from './start.ts'

export interface ScheduleInput {
  name: string
  definition: string
  /** five fields, or six with seconds first */
  cron: string
  timezone: string
  input: Json
  enabled: boolean
  /** of the one that is replaced; 0: there is none yet */
  revision: number
}

/** The first time after `after` (milliseconds since the epoch). @throws ValidationError */
export function nextTime(cron: string, timezone: string, after: number): number | null {
  try {
    return new Cron(cron, { timezone, paused: true }).nextRun(new Date(after))?.getTime() ?? null
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ValidationError(
      `"${cron}" in ${timezone} is no schedule: ${why}. Write it like "0 3 * * *" in Europe/Paris.`,
    )
  }
}

export class Schedules {
  readonly #engine: SagaEngine
  #all: SagaSchedule[] = []

  constructor(engine: SagaEngine) {
    this.#engine = engine
  }

  async start(): Promise<void> {
    this.#all = await this.#engine.store.read((tx) => tx.q.sagas.schedules())
  }

  list(): readonly SagaSchedule[] {
    return this.#all
  }

  /** @throws ConflictError, NotFoundError, ValidationError */
  async put(tx: Tx, schedule: ScheduleInput): Promise<SagaSchedule> {
    const before = await tx.q.sagas.schedule(schedule.name)
    if ((before?.revision ?? 0) !== schedule.revision) {
      throw new ConflictError(
        `The schedule "${schedule.name}" is at revision ${before?.revision ?? 0}. Look at it again.`,
      )
    }
    if (!(await tx.q.sagas.head(schedule.definition))) {
      throw new NotFoundError(`There is no saga "${schedule.definition}" to start.`)
    }
    const nextAt = nextTime(schedule.cron, schedule.timezone, tx.now)
    const row: SagaSchedule = {
      ...schedule,
      revision: schedule.revision + 1,
      nextAt: schedule.enabled ? nextAt : null,
      lastAt: before?.lastAt ?? null,
      lastRunId: before?.lastRunId ?? null,
      lastError: null,
    }
    await this.#write(tx, row)
    return row
  }

  async remove(tx: Tx, name: string): Promise<SagaSchedule> {
    const before = await tx.q.sagas.schedule(name)
    if (!before) throw new NotFoundError(`There is no schedule "${name}".`)
    await tx.q.sagas.deleteSchedule(name)
    tx.afterCommit(() => {
      this.#all = this.#all.filter((s) => s.name !== name)
    })
    return before
  }

  async #write(tx: Tx, row: SagaSchedule): Promise<void> {
    await tx.q.sagas.putSchedule(row)
    tx.afterCommit(() => {
      this.#all = [...this.#all.filter((s) => s.name !== row.name), row].sort((a, b) => (a.name < b.name ? -1 : 1))
    })
  }

  /** Starts what is due. What was missed while nobody ran is made up for once. */
  async tick(): Promise<void> {
    const now = this.#engine.clock.wall()
    for (const schedule of this.#all) {
      if (!schedule.enabled || schedule.nextAt === null || schedule.nextAt > now) continue
      await this.#engine.transact(SYSTEM_ORIGIN, async (tx) => {
        const row = await tx.q.sagas.schedule(schedule.name)
        if (!row?.enabled || row.nextAt === null || row.nextAt > tx.now) return
        const nextAt = nextTime(row.cron, row.timezone, tx.now)
        let lastRunId = row.lastRunId
        let lastError: string | null = null
        try {
          const started = await startRun(
            this.#engine,
            tx,
            {
              definition: row.definition,
              input: row.input as Json,
              idempotencyKey: `schedule:${row.name}:${row.nextAt}`,
              attributes: { schedule: row.name },
              breakpoints: [],
              paused: false,
            },
            null,
          )
          lastRunId = started.runId
        } catch (error) {
          lastError = error instanceof Error ? error.message : String(error)
        }
        await this.#write(tx, { ...row, nextAt, lastAt: tx.now, lastRunId, lastError, revision: row.revision + 1 })
      })
    }
  }
}
