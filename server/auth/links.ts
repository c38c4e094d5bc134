/** One-time links: how somebody without a password gets in. Verbs within a transaction. */
import { UnauthenticatedError } from '../../core/errors.ts'
import type { UserRow } from '../../db/identity-queries.ts'
import type { Tx } from '../../db/store.ts'
import { newId } from './secrets.ts'
import { addUser, promote, userKey } from './users.ts'

/** How long a link can be used, in milliseconds. */
export const LINK_MS = 24 * 3_600_000

/** Who the first link makes. Name, address and password are set later, under Settings. */
export const FIRST_ADMIN = { email: 'admin@localhost', name: 'Admin', role: 'admin' } as const

const HOW = 'Ask an admin for another, or run: npm start -- --sign-in-link'
export const UNKNOWN_LINK = `This link is not valid, or a newer one took its place. ${HOW}`

export function linkPath(secret: string): string {
  return `/sign-in?token=${secret}`
}

/** The link is the only one of its user from now on. `userId` null: the first admin. Returns when it expires. */
export async function addLink(tx: Tx, hash: string, userId: string | null): Promise<number> {
  await tx.q.identity.deleteUnusedLinks(userId)
  const expiresAt = tx.now + LINK_MS
  await tx.q.identity.addLink({ hash, userId, createdAt: tx.now, expiresAt, usedAt: null })
  return expiresAt
}

/** A link for a user who cannot sign in otherwise. */
export async function reissue(tx: Tx, user: UserRow, hash: string): Promise<number> {
  const expiresAt = await addLink(tx, hash, user.id)
  await tx.audit({
    action: 'user.link-issued',
    target: userKey(user.id),
    reason: null,
    before: null,
    after: { expiresAt },
    seq: null,
  })
  return expiresAt
}

/** Uses a link up and returns whose it is. @throws UnauthenticatedError when it cannot be used (any more) */
export async function useLink(tx: Tx, hash: string): Promise<UserRow> {
  const link = await tx.q.identity.link(hash)
  if (!link) throw new UnauthenticatedError(UNKNOWN_LINK)
  if (link.usedAt !== null) throw new UnauthenticatedError(`This link has been used already; it works once. ${HOW}`)
  if (!(await tx.q.identity.useLink(hash, tx.now))) throw new UnauthenticatedError(`This link has expired. ${HOW}`)
  if (link.userId !== null) {
    const user = await tx.q.identity.user(link.userId)
    if (!user) throw new UnauthenticatedError(`This link's user was removed. ${HOW}`)
    return user
  }
  if ((await tx.q.identity.countAdmins()) > 0) {
    throw new UnauthenticatedError(`There is an admin by now, so the first link is of no use. ${HOW}`)
  }
  const known = await tx.q.identity.userByEmail(FIRST_ADMIN.email)
  if (known) return promote(tx, known)
  const told = { kind: 'user.created', summary: 'The first admin signed in' } as const
  return addUser(tx, { id: newId(), ...FIRST_ADMIN }, told)
}
