/** An instance's evidence in words. */
import type { CheckSpec, CheckStatus, HeartbeatState, Instance } from '@/core/instance'
import type { State } from '../ui/state'

export const HEARTBEAT: Record<HeartbeatState, { state: State; word: string }> = {
  none: { state: 'unknown', word: 'none expected' },
  live: { state: 'healthy', word: 'on time' },
  late: { state: 'late', word: 'late' },
  held: { state: 'unknown', word: 'silent, held' },
  expired: { state: 'unhealthy', word: 'expired' },
}

export const CHECK: Record<CheckStatus | 'pending', { state: State; word: string }> = {
  passing: { state: 'healthy', word: 'passing' },
  warning: { state: 'warning', word: 'warning' },
  failing: { state: 'unhealthy', word: 'failing' },
  unknown: { state: 'unknown', word: 'could not look' },
  pending: { state: 'unknown', word: 'not checked yet' },
}

export const REPORTED: Record<Instance['reported']['status'], { state: State; word: string }> = {
  ok: { state: 'healthy', word: 'ok' },
  warning: { state: 'warning', word: 'warning' },
  draining: { state: 'draining', word: 'shutting down' },
}

/** A set duration: exact, without digits that say nothing. */
const lasting = (ms: number) => (ms < 1_000 ? `${ms} ms` : ms < 60_000 ? `${ms / 1_000} s` : `${ms / 60_000} min`)

export function checkWords(check: CheckSpec): string {
  const what = check.http ? `GET ${check.http}` : 'TCP connect'
  return `${what} every ${lasting(check.intervalMs)}, given ${lasting(check.timeoutMs)}; down after ${check.failureThreshold} failures, back after ${check.successThreshold} passes`
}

/** `user:ada@example.org` → `ada@example.org`; what is no person keeps its kind. */
export const actorWord = (actor: string) => actor.replace(/^user:/, '')
