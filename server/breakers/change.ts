/** How one breaker changes: row replaced only if nobody was faster, event with the whole record, audit for operators. */
import { type BreakerState, closed, opened } from '../../core/breaker.ts'
import {
  assertBreakerConfig,
  BREAKER_CONFIG_KEYS,
  type BreakerConfig,
  type BreakerSettings,
  configInForce,
  mergeBreakerConfig,
} from '../../core/breaker-config.ts'
import type { OverrideMode } from '../../core/breaker-override.ts'
import { type BreakerAct, type BreakerCause, type BreakerRecord, breakerKey } from '../../core/breaker-view.ts'
import { ConflictError, NotFoundError, ValidationError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import type { Tx } from '../../db/store.ts'

export interface Row {
  record: BreakerRecord
  /** null: it has no row yet */
  revision: number | null
}

/** The row, or what is known in memory of a breaker that has none yet. */
export async function readRow(tx: Tx, name: string, fresh: BreakerRecord | null): Promise<Row | null> {
  const row = await tx.q.breakers.get(name)
  // What callers' code says is kept in memory, and is newer there.
  if (row) return fresh ? { ...row, record: { ...row.record, defaults: fresh.defaults } } : row
  return fresh ? { record: fresh, revision: null } : null
}

/** @throws ConflictError when the row changed since it was read */
export async function writeRow(
  tx: Tx,
  row: Row,
  record: BreakerRecord,
  why: { kind: string; summary: string },
): Promise<number> {
  if (!(await tx.q.breakers.put(record, row.revision))) {
    throw new ConflictError(`Breaker "${record.name}" changed meanwhile. Look at it again, then repeat what you meant.`)
  }
  const { seq } = await tx.emit({ ...why, key: breakerKey(record.name), service: record.service, value: record })
  return seq
}

/** The record in another automatic state. */
export function inState(record: BreakerRecord, state: BreakerState, cause: BreakerCause, at: number): BreakerRecord {
  return {
    ...record,
    state: state.is,
    since: at,
    generation: state.generation,
    openMs: state.is === 'open' ? state.openMs : null,
    trips: state.is === 'closed' ? 0 : state.trips,
    cause,
    panic: state.is === 'open' ? record.panic : false,
  }
}

/** The automatic state that a record tells of, without the times of this process. */
export function bareState(record: BreakerRecord): BreakerState {
  const { state, generation, trips } = record
  if (state === 'closed') return { is: state, generation }
  if (state === 'open') return { is: state, generation, openedAt: 0, openMs: record.openMs ?? 0, trips }
  return { is: state, generation, since: 0, trips, successes: 0, permits: new Map() }
}

export interface Act {
  name: string
  reason: string
  /** as of what the operator saw; undefined: whatever it is now */
  expectedVersion?: number | undefined
  /** what is known in memory; null: no caller ever reported it */
  fresh: BreakerRecord | null
}

export interface Acted {
  seq: number
  before: BreakerRecord
  after: BreakerRecord
}

async function begin(tx: Tx, act: Act, orNew: BreakerRecord | null): Promise<Row> {
  const row = (await readRow(tx, act.name, act.fresh)) ?? (orNew ? { record: orNew, revision: null } : null)
  if (!row) {
    throw new NotFoundError(
      `There is no breaker "${act.name}": no caller has reported it, and nobody has configured it.`,
    )
  }
  const { version, lastAct } = row.record
  if (act.expectedVersion !== undefined && act.expectedVersion !== version) {
    const what = lastAct
      ? `${lastAct.by} has ${lastAct.did} it meanwhile ("${lastAct.reason}")`
      : 'it was changed meanwhile'
    throw new ConflictError(
      `"${act.name}" is not as you saw it: ${what}. Look at it again, then repeat what you meant.`,
      { details: { version, by: lastAct?.by ?? null, did: lastAct?.did ?? null } },
    )
  }
  return row
}

async function finish(
  tx: Tx,
  act: Act,
  row: Row,
  change: Partial<BreakerRecord>,
  did: BreakerAct['did'],
  why: { kind: string; summary: string; action: string; before: unknown; after: unknown },
): Promise<Acted> {
  const { record: before } = row
  const lastAct: BreakerAct = { by: tx.origin.actor, at: tx.now, did, reason: act.reason }
  const after: BreakerRecord = { ...before, ...change, version: before.version + 1, lastAct }
  const seq = await writeRow(tx, row, after, { kind: why.kind, summary: why.summary })
  await tx.audit({
    action: why.action,
    target: breakerKey(act.name),
    reason: act.reason,
    before: why.before,
    after: why.after,
    seq,
  })
  return { seq, before, after }
}

const told = (r: BreakerRecord) => ({ state: r.state, override: r.override, generation: r.generation })

/** Opens a breaker by hand; from there it goes on by itself. @throws NotFoundError, ConflictError */
export async function tripBreaker(tx: Tx, act: Act & { random: Random }): Promise<Acted> {
  const row = await begin(tx, act, null)
  const { record } = row
  const { config } = configInForce(record.defaults, record.settings)
  const cause: BreakerCause = { what: 'operator', who: tx.origin.actor, detail: act.reason }
  const next = inState(record, opened(bareState(record), config, 0, act.random), cause, tx.now)
  const why = { kind: 'breaker.tripped', action: 'breaker.trip', before: told(record), after: told(next) }
  return finish(tx, act, row, { ...next, panic: false }, 'tripped', {
    ...why,
    summary: `${act.name} tripped: ${act.reason}`,
  })
}

/** Closes a breaker by hand and forgets what its callers saw. @throws NotFoundError, ConflictError */
export async function resetBreaker(tx: Tx, act: Act): Promise<Acted> {
  const row = await begin(tx, act, null)
  const { record } = row
  const cause: BreakerCause = { what: 'operator', who: tx.origin.actor, detail: act.reason }
  const next = inState(record, closed(bareState(record)), cause, tx.now)
  const why = { kind: 'breaker.reset', action: 'breaker.reset', before: told(record), after: told(next) }
  return finish(tx, act, row, next, 'reset', { ...why, summary: `${act.name} reset: ${act.reason}` })
}

export const MODE_WORDS: Record<OverrideMode, string> = {
  'forced-open': 'forced open',
  'forced-closed': 'forced closed',
  disabled: 'disabled',
  'metrics-only': 'set to metrics only',
}

/** Lays an operator's word over the automatic state. @throws ConflictError */
export async function overrideBreaker(
  tx: Tx,
  act: Act & { mode: OverrideMode; forMs: number | null; orNew: BreakerRecord },
): Promise<Acted> {
  const row = await begin(tx, act, act.orNew)
  const override = {
    mode: act.mode,
    by: tx.origin.actor,
    reason: act.reason,
    since: tx.now,
    expiresAt: act.forMs === null ? null : tx.now + act.forMs,
  }
  return finish(tx, act, row, { override }, 'overridden', {
    kind: 'breaker.overridden',
    action: 'breaker.override',
    summary: `${act.name} ${MODE_WORDS[act.mode]}: ${act.reason}`,
    before: row.record.override,
    after: override,
  })
}

/** Lifts an override. @throws NotFoundError, ConflictError, ValidationError when there is none (any more) */
export async function clearOverride(tx: Tx, act: Act): Promise<Acted> {
  const row = await begin(tx, act, null)
  const { override } = row.record
  if (!override) {
    throw new ValidationError(`"${act.name}" has no override; it may have run out or been lifted meanwhile.`)
  }
  return finish(tx, act, row, { override: null }, 'cleared', {
    kind: 'breaker.override.cleared',
    action: 'breaker.clearOverride',
    summary: `${act.name} no longer ${MODE_WORDS[override.mode]}: ${act.reason}`,
    before: override,
    after: null,
  })
}

export type BreakerSettingsChange = { [K in keyof BreakerConfig]?: BreakerConfig[K] | 'inherit' | undefined }

/**
 * Sets values over those in the code of callers; `inherit` takes one back.
 * @throws ValidationError when values contradict each other, ConflictError
 */
export async function configureBreaker(
  tx: Tx,
  act: Act & {
    settings: BreakerSettingsChange
    target: { service?: string | undefined; instance?: string | undefined }
    orNew: BreakerRecord
  },
): Promise<Acted> {
  const row = await begin(tx, act, act.orNew)
  const settings: Record<string, unknown> = { ...row.record.settings }
  for (const key of BREAKER_CONFIG_KEYS) {
    const value = act.settings[key]
    if (value === 'inherit') delete settings[key]
    else if (value !== undefined) settings[key] = value
  }
  assertBreakerConfig(mergeBreakerConfig(row.record.defaults, settings as BreakerSettings).config)
  const { service = row.record.service, instance = row.record.instance } = act.target
  return finish(tx, act, row, { settings: settings as BreakerSettings, service, instance }, 'configured', {
    kind: 'breaker.configured',
    action: 'breaker.configure',
    summary: `${act.name} configured: ${act.reason}`,
    before: row.record.settings,
    after: settings,
  })
}

/** What to call in order to take an act back, and with which version. */
export function undoOf(acted: Acted): Undo {
  const { before, after } = acted
  const expectedVersion = after.version
  if (after.lastAct?.did === 'tripped') return { procedure: 'reset', expectedVersion }
  if (before.override && (before.override.expiresAt === null || before.override.expiresAt > (after.lastAct?.at ?? 0))) {
    const { mode, expiresAt } = before.override
    const forMs = expiresAt === null ? null : Math.max(1_000, expiresAt - (after.lastAct?.at ?? 0))
    return { procedure: 'override', expectedVersion, mode, forMs }
  }
  return { procedure: 'clearOverride', expectedVersion }
}

export type Undo =
  | { procedure: 'reset' | 'clearOverride'; expectedVersion: number }
  | { procedure: 'override'; expectedVersion: number; mode: OverrideMode; forMs: number | null }
