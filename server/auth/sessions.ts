/** Sessions of people: verbs within a transaction. */
import { NotFoundError } from '../../core/errors.ts'
import type { SessionRow, UserRow } from '../../db/identity-queries.ts'
import type { Tx } from '../../db/store.ts'
import { userKey } from './users.ts'

/** A session ends when it is not used for so long, and in any case so long after signing in; milliseconds. */
export const IDLE_MS = 7 * 86_400_000
export const SESSION_MAX_MS = 30 * 86_400_000
/** After signing in by a link, for so long, a password can be set without knowing the old one; milliseconds. */
export const LINK_TRUSTED_MS = 3_600_000
/** Sessions of one user; the one longest not seen makes place. */
const SESSIONS_MAX = 50

export interface Session {
  id: string
  userId: string
  via: 'link' | 'password'
  createdAt: number
  lastSeenAt: number
  /** when it ends if it is not used before */
  expiresAt: number
  address: string
  userAgent: string
}

export function toSession({ hash: _, ...row }: SessionRow): Session {
  return { ...row, expiresAt: Math.min(row.createdAt + SESSION_MAX_MS, row.lastSeenAt + IDLE_MS) }
}

export const sessionKey = (id: string): string => `session/${id}`

export interface Device {
  address: string
  userAgent: string
}

export async function openSession(
  tx: Tx,
  user: UserRow,
  data: { id: string; hash: string; via: SessionRow['via'] } & Device,
): Promise<void> {
  const others = await tx.q.identity.sessions(user.id, 1_000)
  for (const other of others.slice(SESSIONS_MAX - 1)) await endSession(tx, other, 'made place for a newer one')
  const { address, userAgent, ...rest } = data
  const device = { address: address.slice(0, 60), userAgent: userAgent.slice(0, 200) }
  await tx.q.identity.addSession({ ...rest, ...device, userId: user.id, createdAt: tx.now, lastSeenAt: tx.now })
  await tx.q.identity.setSignedIn(user.id, tx.now)
  await tx.audit({
    action: 'session.signed-in',
    target: userKey(user.id),
    reason: null,
    before: null,
    after: { session: data.id, via: data.via, ...device },
    seq: null,
  })
}

/** Over at once, everywhere: the journal tells every process. @throws NotFoundError when it is over already */
export async function endSession(tx: Tx, session: SessionRow, reason: string): Promise<void> {
  if (!(await tx.q.identity.deleteSession(session.id))) throw new NotFoundError('This session is over already.')
  const key = sessionKey(session.id)
  await tx.emit({ kind: 'session.ended', key, service: null, summary: `A session ended: ${reason}`, value: null })
  const { id, address, userAgent, userId } = session
  await tx.audit({
    action: 'session.ended',
    target: userKey(userId),
    reason,
    before: { session: id, address, userAgent },
    after: null,
  })
}

/** Ends every session of a user but `keep`. */
export async function endOtherSessions(tx: Tx, userId: string, keep: string | null, reason: string): Promise<void> {
  for (const session of await tx.q.identity.sessions(userId, 1_000)) {
    if (session.id !== keep) await endSession(tx, session, reason)
  }
}
