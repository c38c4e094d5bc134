/** The envelope of a write. */
import type { DistributedOperation } from '@/core/consistency'

export type Operation<T> = Pick<DistributedOperation<T>, 'id' | 'data' | 'timestamp'>

/**
 * One intent of the user, with the id that makes repeating it harmless: build it once per click and pass it to `mutate`.
 * Queries take `{ data }` without it, since their input is also their cache key.
 */
export function operation<T>(data: T): Operation<T> {
  return { id: randomId(), data, timestamp: Date.now() }
}

/** `crypto.randomUUID` exists only in secure contexts: not on http:// from another machine. */
function randomId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
