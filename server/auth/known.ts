/** Looks up who is behind the hash of a secret. */
import type { Store } from '../../db/store.ts'
import type { Role, Scope } from '../principal.ts'
import type { Known } from './principals.ts'
import { IDLE_MS, SESSION_MAX_MS, sessionKey } from './sessions.ts'
import { tokenKey } from './tokens.ts'
import { userActor, userKey } from './users.ts'

export async function loadSession(store: Store, hash: string): Promise<Known | null> {
  const found = await store.read((tx) => tx.q.identity.sessionByHash(hash))
  if (!found) return null
  const { session, user } = found
  return {
    principal: {
      kind: 'user',
      id: user.id,
      actor: userActor(user.email),
      name: user.name,
      role: user.role as Role,
      scopes: [],
      services: null,
      active: true,
    },
    keys: [userKey(user.id), sessionKey(session.id)],
    sessionId: session.id,
    endsAt: session.createdAt + SESSION_MAX_MS,
    idleMs: IDLE_MS,
    seenAt: session.lastSeenAt,
    storedAt: session.lastSeenAt,
  }
}

export async function loadToken(store: Store, hash: string): Promise<Known | null> {
  const row = await store.read((tx) => tx.q.identity.tokenByHash(hash))
  if (!row || row.revokedAt !== null) return null
  return {
    principal: {
      kind: 'token',
      id: row.id,
      actor: `token:${row.name}`,
      name: row.name,
      role: null,
      scopes: row.scopes as Scope[],
      services: row.services,
      active: true,
    },
    keys: [tokenKey(row.id)],
    sessionId: null,
    endsAt: row.expiresAt,
    idleMs: null,
    seenAt: row.lastUsedAt ?? 0,
    storedAt: row.lastUsedAt ?? 0,
  }
}
