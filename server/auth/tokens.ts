/** Service tokens: verbs within a transaction. */
import { ConflictError, NotFoundError, ServiceUnavailableError } from '../../core/errors.ts'
import type { TokenRow } from '../../db/identity-queries.ts'
import type { Tx } from '../../db/store.ts'
import type { Scope } from '../principal.ts'

const TOKENS_MAX = 10_000

/** A token as people may see it: without its hash. */
export interface Token {
  id: string
  name: string
  /** how it begins */
  prefix: string
  scopes: Scope[]
  services: string[] | null
  createdAt: number
  createdBy: string
  expiresAt: number | null
  revokedAt: number | null
  lastUsedAt: number | null
}

export function toToken({ hash: _, ...row }: TokenRow): Token {
  return { ...row, scopes: row.scopes as Scope[] }
}

export const tokenKey = (id: string): string => `token/${id}`

export interface TokenGrant {
  name: string
  scopes: readonly Scope[]
  /** services it may act for; null: any */
  services: readonly string[] | null
  /** milliseconds since the epoch; null: never */
  expiresAt: number | null
}

/** @throws ConflictError when a living token has the name */
export async function createToken(
  tx: Tx,
  grant: TokenGrant,
  secret: { id: string; hash: string; prefix: string },
): Promise<TokenRow> {
  const holder = await tx.q.identity.tokenByName(grant.name)
  if (holder) {
    throw new ConflictError(
      `There is a token "${grant.name}" already, and what it registered belongs to that name. Choose another name, or revoke it first.`,
      { details: { cause: 'name' } },
    )
  }
  if ((await tx.q.identity.tokens(TOKENS_MAX)).length >= TOKENS_MAX) {
    throw new ServiceUnavailableError(`There are ${TOKENS_MAX} tokens. Revoke some first.`, { retryable: false })
  }
  const row: TokenRow = {
    ...secret,
    ...grant,
    scopes: [...new Set(grant.scopes)],
    services: grant.services === null ? null : [...new Set(grant.services)],
    createdAt: tx.now,
    createdBy: tx.origin.actor,
    revokedAt: null,
    lastUsedAt: null,
  }
  await tx.q.identity.addToken(row)
  await tell(tx, 'token.created', null, row, `Token ${row.name} created with ${row.scopes.join(', ')}`, null)
  return row
}

/** Refused everywhere from now on. @throws NotFoundError, ConflictError when it is revoked already */
export async function revokeToken(tx: Tx, id: string, reason: string): Promise<TokenRow> {
  const before = await tx.q.identity.token(id)
  if (!before) throw new NotFoundError('There is no such token (any more).')
  if (!(await tx.q.identity.revokeToken(id, tx.now))) throw new ConflictError(`"${before.name}" is revoked already.`)
  const after = { ...before, revokedAt: tx.now }
  await tell(tx, 'token.revoked', before, after, `Token ${before.name} revoked: ${reason}`, reason)
  return after
}

async function tell(
  tx: Tx,
  kind: string,
  before: TokenRow | null,
  after: TokenRow,
  summary: string,
  reason: string | null,
): Promise<void> {
  const kept = ({ id, name, prefix, scopes, services, expiresAt, revokedAt }: TokenRow) => {
    return { id, name, prefix, scopes, services, expiresAt, revokedAt }
  }
  await tx.emit({ kind, key: tokenKey(after.id), service: null, summary, value: kept(after) })
  await tx.audit({
    action: kind,
    target: tokenKey(after.id),
    reason,
    before: before && kept(before),
    after: kept(after),
  })
}
