/** How a write runs: once, by one principal, with its result kept under the caller's operation id. */
import { createHash } from 'node:crypto'
import { ConflictError, UnauthenticatedError } from '../core/errors.ts'
import type { Origin, Store, Tx } from '../db/store.ts'
import type { Principal } from './principal.ts'

export interface Command {
  /** `registry.register` */
  procedure: string
  principal: Principal
  /** the DistributedOperation's id; null: not idempotent */
  operationId: string | null
  /** the validated input, compared when the id comes again */
  input: unknown
}

export interface Executed<T> {
  result: T
  /** true when this is the first result of an operation that was sent again */
  replayed: boolean
}

/** How long the first result of an operation is kept, in milliseconds. */
export const OPERATION_KEPT_MS = 24 * 3_600_000

/**
 * Runs `verb` in a durable transaction. The same operation id again returns the first result (D2); with other input it is
 * a Conflict.
 * @throws ConflictError, UnauthenticatedError when the principal was revoked meanwhile, and what `verb` throws
 */
export function execute<T>(store: Store, command: Command, verb: (tx: Tx) => Promise<T>): Promise<Executed<T>> {
  return store.transact(originOf(command), (tx) => once(tx, command, () => verb(tx)))
}

export function originOf({ principal, operationId }: Command): Origin {
  return { actor: principal.actor, operationId }
}

/** The same inside a transaction that somebody else opened. */
export async function once<T>(tx: Tx, command: Command, verb: () => Promise<T>): Promise<Executed<T>> {
  const { principal, operationId, procedure } = command
  if (!principal.active) throw new UnauthenticatedError('This session or token has been revoked.')
  if (operationId === null) return { result: await verb(), replayed: false }
  const hash = createHash('sha256').update(JSON.stringify(command.input)).digest('base64')
  const before = await tx.q.operations.get(principal.id, operationId)
  if (before) {
    if (before.procedure !== procedure || before.hash !== hash) {
      throw new ConflictError(
        `The operation id ${operationId} was already used for ${before.procedure} with other data. Use a new id for a new operation.`,
      )
    }
    return { result: before.result as T, replayed: true }
  }
  const result = await verb()
  await tx.q.operations.put({ principal: principal.id, id: operationId, procedure, hash, result, at: tx.now })
  return { result, replayed: false }
}
