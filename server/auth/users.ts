/** What happens to users: verbs within a transaction. */
import { ConflictError, NotFoundError, ServiceUnavailableError } from '../../core/errors.ts'
import type { UserRow } from '../../db/identity-queries.ts'
import type { Tx } from '../../db/store.ts'
import type { Role } from '../principal.ts'

const USERS_MAX = 1_000

/** A user as others may see it: without the password's hash. */
export interface User {
  id: string
  email: string
  name: string
  role: Role
  hasPassword: boolean
  createdAt: number
  lastSignInAt: number | null
}

export function toUser(row: UserRow): User {
  const { passwordHash, revision: _, ...rest } = row
  return { ...rest, role: row.role as Role, hasPassword: passwordHash !== null }
}

export const userKey = (id: string): string => `user/${id}`
export const userActor = (email: string): string => `user:${email}`

/** What the journal and the audit trail keep of a user. */
function kept(row: UserRow) {
  return { id: row.id, email: row.email, name: row.name, role: row.role, hasPassword: row.passwordHash !== null }
}

async function existing(tx: Tx, id: string): Promise<UserRow> {
  const row = await tx.q.identity.user(id)
  if (!row) throw new NotFoundError('There is no such user (any more).')
  return row
}

async function assertFree(tx: Tx, email: string): Promise<void> {
  if (await tx.q.identity.userByEmail(email)) {
    throw new ConflictError(`There is a user with the address ${email} already.`, { details: { cause: 'email' } })
  }
}

async function change(
  tx: Tx,
  before: UserRow,
  changes: Partial<UserRow>,
  told: { kind: string; summary: string; reason?: string },
): Promise<UserRow> {
  const after = { ...before, ...changes, revision: before.revision + 1 }
  if (!(await tx.q.identity.replaceUser(after, before.revision))) {
    throw new ConflictError('This user was changed by somebody else just now. Look again and repeat.')
  }
  await tx.emit({ kind: told.kind, key: userKey(after.id), service: null, summary: told.summary, value: kept(after) })
  await tx.audit({
    action: told.kind,
    target: userKey(after.id),
    reason: told.reason ?? null,
    before: kept(before),
    after: kept(after),
  })
  return after
}

export async function addUser(
  tx: Tx,
  data: { id: string; email: string; name: string; role: Role },
  told: { kind: 'user.created' | 'user.invited'; summary: string },
): Promise<UserRow> {
  await assertFree(tx, data.email)
  if ((await tx.q.identity.users()).length >= USERS_MAX) {
    throw new ServiceUnavailableError(`There are ${USERS_MAX} users already. Remove some first.`, { retryable: false })
  }
  const row: UserRow = { ...data, passwordHash: null, createdAt: tx.now, lastSignInAt: null, revision: 1 }
  await tx.q.identity.addUser(row)
  await tx.emit({ kind: told.kind, key: userKey(row.id), service: null, summary: told.summary, value: kept(row) })
  await tx.audit({ action: told.kind, target: userKey(row.id), reason: null, before: null, after: kept(row) })
  return row
}

/** @throws NotFoundError, ConflictError for the last admin */
export async function setRole(tx: Tx, id: string, role: Role, reason: string): Promise<UserRow> {
  const before = await existing(tx, id)
  if (before.role === role) return before
  if (before.role === 'admin') await assertNotLast(tx, before)
  const summary = `${before.email} is ${role === 'viewer' ? 'a' : 'an'} ${role} now, was ${before.role}`
  return change(tx, before, { role }, { kind: 'user.role-changed', summary, reason })
}

/** Makes the first link's user an admin again, should it have lost the role while there was no other admin. */
export async function promote(tx: Tx, before: UserRow): Promise<UserRow> {
  return change(
    tx,
    before,
    { role: 'admin' },
    { kind: 'user.role-changed', summary: `${before.email} is an admin now` },
  )
}

/** The user's sessions and links go too. @throws NotFoundError, ConflictError for the last admin */
export async function removeUser(tx: Tx, id: string, reason: string): Promise<void> {
  const before = await existing(tx, id)
  if (before.role === 'admin') await assertNotLast(tx, before)
  await tx.q.identity.deleteUser(id)
  const summary = `${before.email} was removed: ${reason}`
  await tx.emit({ kind: 'user.removed', key: userKey(id), service: null, summary, value: null })
  await tx.audit({ action: 'user.removed', target: userKey(id), reason, before: kept(before), after: null })
}

async function assertNotLast(tx: Tx, row: UserRow): Promise<void> {
  if ((await tx.q.identity.countAdmins()) > 1) return
  throw new ConflictError(`${row.email} is the last admin. Make somebody else an admin first.`, {
    details: { cause: 'last-admin' },
  })
}

/** @throws NotFoundError, ConflictError when the address is another user's */
export async function updateUser(tx: Tx, id: string, data: { name: string; email: string }): Promise<UserRow> {
  const before = await existing(tx, id)
  if (before.name === data.name && before.email === data.email) return before
  if (before.email !== data.email) await assertFree(tx, data.email)
  const { name, email } = data
  const summary = email === before.email ? `${email} is called ${name} now` : `${before.email} is ${email} now`
  return change(tx, before, { name, email }, { kind: 'user.changed', summary })
}

/**
 * `seen`: the hash that the caller proved to know, so that of two changes at once one fails.
 * @throws NotFoundError, ConflictError
 */
export async function setPasswordHash(tx: Tx, id: string, hash: string, seen: string | null): Promise<UserRow> {
  const before = await existing(tx, id)
  if (before.passwordHash !== seen) {
    throw new ConflictError('The password was changed just now by another session. Sign in again.')
  }
  const summary = `${before.email} set ${seen === null ? 'a' : 'another'} password`
  return change(tx, before, { passwordHash: hash }, { kind: 'user.password-set', summary })
}
