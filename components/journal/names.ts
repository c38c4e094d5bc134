/** Names of what entries speak of: who, in which state, and where it can be looked at. Pure. */
import type { State } from '@/components/ui/state'
import { HEALTH_STATES } from '@/core/instance'

/** `user:ada@example.org` as people say it. */
export function actorWords(actor: string): string {
  if (actor === 'system') return 'Holdfast'
  const at = actor.indexOf(':')
  if (at < 0) return actor
  const [kind, name] = [actor.slice(0, at), actor.slice(at + 1)]
  return kind === 'token' ? `token ${name}` : name
}

/** Where the thing of a key is shown; null: it has no page. */
export function hrefOf(key: string, service: string | null): string | null {
  const at = key.indexOf('/')
  const [noun, id] = [key.slice(0, at), key.slice(at + 1)]
  if (noun === 'service') return `/services/${encodeURIComponent(id)}`
  if (noun === 'instance' && service !== null) {
    return `/services/${encodeURIComponent(service)}?instance=${encodeURIComponent(id)}`
  }
  if (noun === 'route') return `/gateway?route=${encodeURIComponent(id)}`
  if (noun === 'fault') return '/gateway/faults'
  if (noun === 'user') return '/settings/users'
  if (noun === 'token') return '/settings/tokens'
  return null
}

/** The target of an act as people know it: a user by the address, a token by its name, the rest by its key. */
export function targetWords(entry: {
  action: string
  actor: string
  target: string
  before?: unknown
  after?: unknown
}): string {
  const at = entry.target.indexOf('/')
  const noun = entry.target.slice(0, at)
  const state = (entry.after ?? entry.before) as Record<string, unknown> | null | undefined
  // Signing in is told by who did it; the record has only the session.
  if (entry.action === 'session.signed-in') return actorWords(entry.actor)
  const name = noun === 'user' ? state?.email : noun === 'token' ? state?.name : undefined
  return typeof name === 'string' ? `${noun} ${name}` : entry.target
}

/** The state that an entry speaks of, for its mark; null: of none. Entries of the stream come without their value. */
export function stateOf(entry: { kind: string; summary: string }): State | null {
  if (/(?:maintenance|drain|fault)\.started$/.test(entry.kind)) return 'operator'
  if (entry.kind === 'instance.flapping' || entry.kind === 'service.hold-started') return 'warning'
  if (entry.kind === 'instance.deregistered' || entry.kind === 'service.forgotten') return 'gone'
  if (entry.kind !== 'instance.health') return null
  const word = /^\S+ is ([a-z]+)\b/.exec(entry.summary)?.[1]
  return HEALTH_STATES.find((state) => state === word) ?? null
}
