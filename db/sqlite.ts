/**
 * The store on SQLite, with group commit: verbs queue up, one BEGIN IMMEDIATE … COMMIT carries all that wait, each in a
 * savepoint, and callers are answered after the commit. Measured on 2 cores, synchronous=FULL: 3k/s one by one,
 * 44k/s with 32 waiting, 59k/s with 128.
 */

import type { Clock } from '../core/clock.ts'
import { InternalError, ServiceUnavailableError } from '../core/errors.ts'
import type { JournalEvent } from '../core/event.ts'
import type { Queries } from './queries.ts'
import { breakerQueries } from './sqlite/breakers.ts'
import type { Drizzle } from './sqlite/drizzle.ts'
import { gatewayQueries } from './sqlite/gateway.ts'
import { identityQueries } from './sqlite/identity.ts'
import { type JournalStatements, journalQueries } from './sqlite/journal.ts'
import { latencyQueries } from './sqlite/latency.ts'
import { type Lock, lockDatabase } from './sqlite/lock.ts'
import { lockQueries } from './sqlite/locks.ts'
import { type Connections, openDatabase } from './sqlite/open.ts'
import { policyQueries } from './sqlite/policies.ts'
import {
  auditQueries,
  checkQueries,
  metaQueries,
  operationQueries,
  retentionQueries,
  telemetryQueries,
} from './sqlite/records.ts'
import { registryQueries } from './sqlite/registry.ts'
import { sagaQueries } from './sqlite/sagas.ts'
import type { AuditRow, Origin, ReadTx, Store, Tx, Verb } from './store.ts'

/** Verbs in one commit at most; bounds how long a caller waits for its neighbours. */
const GROUP_MAX = 256
/**
 * While each turn of the event loop brings more writes, the commit waits for the next one, so many times at most: clients
 * answered together come back one after the other. Measured, 32 of them that lock and release: 6.5k pairs/s, else 5.9k.
 */
const GATHER_TURNS = 8
/** Journal entries that readers find without its index at most, plus those of one group: looked through in 0.3 ms. */
const UNINDEXED_MAX = 1_024
/** Verbs waiting at most; past it, callers are told to come back instead of filling memory. */
const WAITING_MAX = 20_000

interface Job {
  origin: Origin
  verb: Verb<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}

interface Done {
  job: Job
  value: unknown
  events: JournalEvent[]
  effects: (() => void)[]
  /** back to what was in memory before */
  ways: (() => void)[]
}

export interface SqliteOptions {
  path: string
  migrations: string
  clock: Clock
  /** Refuse to open while another process holds the file: what the control plane asks for. */
  exclusive?: boolean
  /** The outcome of a commit is unknown: end the process now. */
  onFatal(error: Error): void
}

type Statements = Queries & { journal: JournalStatements; audit: ReturnType<typeof auditQueries> }

function statements(db: Drizzle): Statements {
  return {
    registry: registryQueries(db),
    locks: lockQueries(db),
    checks: checkQueries(db),
    journal: journalQueries(db),
    operations: operationQueries(db),
    audit: auditQueries(db),
    telemetry: telemetryQueries(db),
    retention: retentionQueries(db),
    meta: metaQueries(db),
    identity: identityQueries(db),
    policies: policyQueries(db),
    sagas: sagaQueries(db),
    breakers: breakerQueries(db),
    gateway: gatewayQueries(db),
    latency: latencyQueries(db),
  }
}

export class SqliteStore implements Store {
  readonly path: string
  readonly #clock: Clock
  readonly #onFatal: (error: Error) => void
  readonly #db: Connections
  readonly #lock: Lock | null
  readonly #write: Statements
  readonly #read: Statements
  readonly #headOfWriter: () => number
  readonly #headOfReader: () => number
  readonly #listeners = new Set<(events: readonly JournalEvent[]) => void>()
  readonly #begin: () => void
  readonly #commit: () => void
  readonly #savepoint: () => void
  readonly #release: () => void
  #queue: Job[] = []
  #scheduled = false
  #reading: Promise<unknown> = Promise.resolve()
  #dead: Error | null = null
  #idle: (() => void) | null = null
  #running = false
  #unindexed: number

  constructor(options: SqliteOptions) {
    this.path = options.path
    this.#clock = options.clock
    this.#onFatal = options.onFatal
    this.#lock = options.exclusive ? lockDatabase(options.path) : null
    this.#db = openDatabase(options.path, options.migrations)
    this.#write = statements(this.#db.write)
    this.#read = statements(this.#db.readOnly)
    // Prepared once, instead of parsed anew for every verb.
    const control = (text: string) => {
      const statement = this.#db.writer.prepare(text)
      return () => void statement.run()
    }
    this.#begin = control('begin immediate')
    this.#commit = control('commit')
    this.#savepoint = control('savepoint verb')
    this.#release = control('release verb')
    // AUTOINCREMENT keeps the highest seq even when every entry has been pruned.
    const head = (db: Connections['writer']) => {
      const statement = db.prepare("select seq from sqlite_sequence where name = 'journal'").pluck()
      return () => (statement.get() as number | undefined) ?? 0
    }
    this.#headOfWriter = head(this.#db.writer)
    this.#headOfReader = head(this.#db.reader)
    this.#unindexed = this.#write.journal.unindexed(this.#headOfWriter())
  }

  get waiting(): number {
    return this.#queue.length
  }

  transact<T>(origin: Origin, verb: Verb<T>): Promise<T> {
    if (this.#dead) return Promise.reject(this.#unavailable())
    if (this.#queue.length >= WAITING_MAX) {
      return Promise.reject(
        new ServiceUnavailableError('Too many writes are waiting. Try again shortly.', { retryAfterMs: 250 }),
      )
    }
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ origin, verb, resolve: resolve as (value: unknown) => void, reject })
      this.#schedule()
    })
  }

  /** setImmediate: everything that arrived in this turn of the event loop joins the same commit. */
  #schedule(): void {
    if (this.#scheduled || this.#running) return
    this.#scheduled = true
    this.#gather(0, 0)
  }

  #gather(turn: number, seen: number): void {
    setImmediate(() => {
      const waiting = this.#queue.length
      if (turn < GATHER_TURNS && waiting > seen && waiting < GROUP_MAX) {
        this.#gather(turn + 1, waiting)
        return
      }
      this.#scheduled = false
      this.#running = true
      this.#commitGroup().finally(() => {
        this.#running = false
        if (this.#queue.length > 0) this.#schedule()
        else this.#idle?.()
      })
    })
  }

  async #commitGroup(): Promise<void> {
    const jobs = this.#queue.splice(0, GROUP_MAX)
    if (jobs.length === 0) return
    if (this.#dead) {
      for (const job of jobs) job.reject(this.#unavailable())
      return
    }
    const { writer } = this.#db
    const now = this.#clock.wall()
    const done: Done[] = []
    const failed: { job: Job; error: unknown }[] = []
    const atOnce = new AtOnce()
    try {
      this.#begin()
      for (const job of jobs) {
        try {
          done.push(await this.#run(job, now, atOnce))
        } catch (error) {
          if (!writer.inTransaction) throw error
          failed.push({ job, error })
        }
      }
      if (this.#unindexed >= UNINDEXED_MAX) this.#unindexed = this.#write.journal.index(this.#headOfWriter())
      this.#commit()
    } catch (error) {
      this.#die(error, jobs)
      return
    } finally {
      atOnce.over()
    }
    for (const { job, error } of failed) job.reject(error)
    const events = done.flatMap((d) => d.events)
    this.#unindexed += events.length
    // Listeners first: who is answered must find the local copy already holding what it wrote.
    if (events.length > 0) for (const listener of this.#listeners) listener(events)
    for (const { job, value, effects } of done) {
      for (const effect of effects) effect()
      job.resolve(value)
    }
  }

  async #run(job: Job, now: number, atOnce: AtOnce): Promise<Done> {
    const { writer } = this.#db
    this.#savepoint()
    const done: Done = { job, value: undefined, events: [], effects: [], ways: [] }
    const tx = new SqliteTx(this.#write, this.#headOfWriter, now, job.origin, done)
    try {
      done.value = await atOnce.wait(job.verb(tx))
      this.#release()
      return done
    } catch (error) {
      if (writer.inTransaction) {
        writer.exec('rollback to verb')
        writer.exec('release verb')
      }
      for (const back of done.ways.reverse()) back()
      throw error
    } finally {
      tx.close()
    }
  }

  #die(error: unknown, jobs: Job[]): void {
    this.#dead = error instanceof Error ? error : new Error(String(error))
    for (const job of [...jobs, ...this.#queue.splice(0)]) job.reject(this.#unavailable())
    this.#onFatal(this.#dead)
  }

  #unavailable(): ServiceUnavailableError {
    return new ServiceUnavailableError(
      'The control plane could not write to its database and is restarting. Whether this write took effect is unknown; send it again with the same operation id.',
      { retryAfterMs: 1_000 },
    )
  }

  read<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      if (this.#dead) throw this.#unavailable()
      const { reader } = this.#db
      const atOnce = new AtOnce()
      reader.exec('begin')
      try {
        return await atOnce.wait(fn({ q: this.#read, head: async () => this.#headOfReader() }))
      } finally {
        atOnce.over()
        if (reader.inTransaction) reader.exec('commit')
      }
    }
    // One after another: two readers inside one BEGIN would share the older one's snapshot.
    const result = this.#reading.then(run, run)
    this.#reading = result.catch(() => undefined)
    return result
  }

  readonly journal: Store['journal'] = {
    head: async () => {
      if (this.#dead) throw this.#unavailable()
      return this.#headOfReader()
    },
    after: (cursor, limit) =>
      this.read(async () => ({
        events: this.#read.journal.after(cursor, limit),
        oldest: (await this.#read.journal.oldest())?.seq ?? this.#headOfReader() + 1,
      })),
    onCommit: (listener) => {
      this.#listeners.add(listener)
      return () => this.#listeners.delete(listener)
    },
  }

  /** Finishes what waits, then closes both connections. */
  async close(): Promise<void> {
    if (this.#queue.length > 0 || this.#running) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
    await this.#reading
    if (!this.#dead) this.#db.writer.pragma('wal_checkpoint(TRUNCATE)')
    this.#db.reader.close()
    this.#db.writer.close()
    this.#lock?.release()
  }
}

class SqliteTx implements Tx {
  #open = true
  readonly #q: Statements
  readonly #head: () => number
  readonly #done: Done
  readonly now: number
  readonly origin: Origin

  constructor(q: Statements, head: () => number, now: number, origin: Origin, done: Done) {
    this.#q = q
    this.#head = head
    this.#done = done
    this.now = now
    this.origin = origin
  }

  get q(): Queries {
    if (!this.#open) throw new InternalError('A transaction was used after it had ended.')
    return this.#q
  }

  async head(): Promise<number> {
    return this.#done.events.at(-1)?.seq ?? this.#head()
  }

  async emit(event: Parameters<Tx['emit']>[0]): Promise<JournalEvent> {
    if (!this.#open) throw new InternalError('A transaction was used after it had ended.')
    const { kind, key, service, summary, value } = event
    const { actor, operationId } = this.origin
    const written = { seq: 0, kind, key, service, summary, value, at: this.now, actor, operationId }
    written.seq = this.#q.journal.add(written)
    this.#done.events.push(written)
    return written
  }

  async audit(row: AuditRow): Promise<void> {
    if (!this.#open) throw new InternalError('A transaction was used after it had ended.')
    const seq = row.seq === undefined ? (this.#done.events.at(-1)?.seq ?? null) : row.seq
    this.#q.audit.add({ ...row, seq, at: this.now, actor: this.origin.actor, operationId: this.origin.operationId })
  }

  afterCommit(effect: () => void): void {
    this.#done.effects.push(effect)
  }

  afterRollback(effect: () => void): void {
    this.#done.ways.push(effect)
  }

  close(): void {
    this.#open = false
  }
}

/**
 * Waits for promises that must settle within this turn of the event loop. A verb that awaits a timer or the network
 * would hold the only writer, so it fails here, loudly, instead of slowing everybody. One look-out for a whole group.
 */
class AtOnce {
  #reject: ((error: Error) => void) | null = null
  #lookOut: NodeJS.Immediate | null = null

  wait<T>(promise: Promise<T>): Promise<T> {
    this.#lookOut ??= setImmediate(() => {
      this.#lookOut = null
      this.#reject?.(new InternalError('Something slow was awaited inside a transaction. Move it before or after.'))
    })
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject
      promise.then(resolve, reject)
    })
  }

  over(): void {
    if (this.#lookOut) clearImmediate(this.#lookOut)
    this.#lookOut = null
    this.#reject = null
  }
}
