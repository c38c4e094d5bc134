/** The envelope of every procedure's input, `DistributedOperation` as it travels. */
import { z } from 'zod'
import { CONSISTENCY_LEVELS } from '../../core/consistency.ts'

export const operationId = z
  .string()
  .min(8)
  .max(80)
  .regex(/^[\x21-\x7e]+$/, 'printable characters without spaces')

/**
 * `{ id?, data, timestamp?, consistencyLevel? }`. `id` makes a write idempotent for 24 h: the same id with the same data
 * returns the first result, with other data it is a Conflict. Without one, every call is a new operation.
 */
export function operation<T extends z.ZodType>(data: T) {
  return z.object({
    id: operationId.optional(),
    data,
    timestamp: z.number().int().nonnegative().optional(),
    consistencyLevel: z.enum(CONSISTENCY_LEVELS).optional(),
  })
}

/** The input of a subscription; `lastEventId` is the cursor to go on from, set by tRPC clients by themselves. */
export function subscription<T extends z.ZodType>(data: T) {
  return z.object({ data, lastEventId: z.string().max(40).optional() })
}
