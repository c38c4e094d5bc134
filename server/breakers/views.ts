/** What pages and clients are shown of a breaker. */
import { mayPassInMs } from '../../core/breaker.ts'
import { BREAKER_CONFIG_KEYS, type BreakerSettings } from '../../core/breaker-config.ts'
import type { BreakerCaller, BreakerFigures, BreakerRule, BreakerTile, BreakerView } from '../../core/breaker-view.ts'
import type { Contribution } from './callers.ts'
import type { FleetBreaker } from './fleet-breaker.ts'

/** Callers listed in a view; the rest is counted. */
const CALLERS_SHOWN = 200

const round = (n: number) => Math.round(n * 100) / 100
const share = (part: number, whole: number) => (whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000)

export function figuresOf(b: FleetBreaker, now: number): BreakerFigures {
  return {
    calls: b.calls,
    failures: b.failures,
    slow: b.slow,
    failureRate: share(b.failures, b.calls),
    slowRate: share(b.slow, b.calls),
    ratePerSec: Math.max(0, round(b.ratePerSec)),
    callersReporting: b.voting,
    callersFailing: b.failing,
    refusedPerSec: Math.max(0, round(b.refusedPerSec)),
    ageMs: b.reportedAt === null ? null : Math.max(0, Math.round(now - b.reportedAt)),
  }
}

function rolloutOf(b: FleetBreaker): { have: number; of: number } {
  let have = 0
  for (const { caller } of b.contributions) if (caller.appliedSeq >= b.seq) have += 1
  return { have, of: b.contributions.size }
}

/** Built anew only when something of it has changed. */
export function tileOf(b: FleetBreaker, now: number): BreakerTile {
  if (b.tile && !b.stale) return b.tile
  const { record, config } = b
  const { failureRateThreshold, failureThreshold, consecutiveFailures, slowRateThreshold } = config
  const { slowCallMs, minimumCalls } = config
  const tile: BreakerTile = {
    name: record.name,
    service: record.service,
    instance: record.instance,
    state: record.state,
    effective: b.effective,
    override: record.override,
    panic: record.panic,
    cause: record.cause,
    since: record.since,
    nextProbeInMs: b.state.is === 'open' ? Math.round(mayPassInMs(b.state, config, now) ?? 0) : null,
    figures: figuresOf(b, now),
    thresholds: {
      failureRateThreshold,
      failureThreshold,
      consecutiveFailures,
      slowRateThreshold,
      slowCallMs,
      minimumCalls,
    },
    rollout: rolloutOf(b),
    spark: b.spark.view(),
    version: record.version,
    seq: b.seq,
  }
  b.tile = tile
  b.stale = false
  return tile
}

function callerOf(c: Contribution, b: FleetBreaker, now: number): BreakerCaller {
  const { caller } = c
  return {
    caller: caller.name,
    service: caller.service,
    appliedSeq: caller.appliedSeq,
    has: caller.appliedSeq >= b.seq,
    localState: c.local,
    lastReportAgeMs: Math.max(0, Math.round(now - caller.at)),
    calls: c.calls,
    failures: c.failures,
    slow: c.slow,
    ratePerSec: round(c.ratePerSec),
    refusedPerSec: round(c.refusedPerSec),
  }
}

export function viewOf(b: FleetBreaker, now: number, wall: number): BreakerView {
  b.stale = true
  const { record, state, config } = b
  const open = state.is === 'open'
  const contributions = [...b.contributions].sort(
    (x, y) => y.failures - x.failures || y.calls - x.calls || (x.caller.name < y.caller.name ? -1 : 1),
  )
  const inForce = JSON.stringify(record.defaults)
  const next = open ? (mayPassInMs(state, config, now) ?? 0) : null
  return {
    ...tileOf(b, now),
    generation: record.generation,
    openedAt: record.state === 'open' ? record.since : null,
    openTimeMs: record.openMs,
    nextProbeAt: next === null ? null : Math.round(wall + next),
    trips: record.trips,
    config,
    sources: b.sources,
    settings: record.settings,
    defaults: record.defaults,
    disagreeing: contributions
      .filter((c) => c.defaults !== null && c.defaults !== inForce)
      .slice(0, 20)
      .map((c) => ({ caller: c.caller.name, keys: differing(record.defaults, c.defaults as string) })),
    halfOpen:
      state.is === 'half-open'
        ? {
            successes: state.successes,
            needed: config.successThreshold,
            permits: [...state.permits.values()]
              .filter((lease) => lease.until > now)
              .map(({ id, holder, until }) => ({ id, holder, leftMs: Math.round(until - now) })),
          }
        : null,
    held: b.held,
    callers: contributions.slice(0, CALLERS_SHOWN).map((c) => callerOf(c, b, now)),
    callersTotal: contributions.length,
    lastAct: record.lastAct,
  }
}

function differing(inForce: BreakerSettings, told: string): string[] {
  const other = JSON.parse(told) as BreakerSettings
  return BREAKER_CONFIG_KEYS.filter((key) => inForce[key] !== other[key])
}

/** What a caller needs to decide by itself; spans instead of times, so that its clock does not matter. */
export function ruleOf(b: FleetBreaker, now: number, wall: number): BreakerRule {
  const { record, state } = b
  const { override } = record
  return {
    name: record.name,
    seq: b.seq,
    state: record.state,
    generation: record.generation,
    openLeftMs: state.is === 'open' ? Math.max(0, Math.round(state.openedAt + state.openMs - now)) : null,
    panic: record.panic,
    override: override
      ? {
          mode: override.mode,
          by: override.by,
          reason: override.reason,
          leftMs: override.expiresAt === null ? null : Math.max(0, override.expiresAt - wall),
        }
      : null,
    cause: record.cause,
    settings: record.settings,
  }
}
