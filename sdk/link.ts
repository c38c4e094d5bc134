import type { TRPCLink } from '@trpc/client'
import { TRPCClientError } from '@trpc/client'
import type { AnyTRPCRouter } from '@trpc/server'
import { observable } from '@trpc/server/observable'
import { HoldfastError } from '../core/errors.ts'
import type { Connection } from './connection.ts'

/** Lets a tRPC client share the one connection. Subscriptions end with an error when it breaks: open them again. */
export function connectionLink<R extends AnyTRPCRouter>(connection: Connection, timeoutMs: number): TRPCLink<R> {
  return () =>
    ({ op }) =>
      observable((observer) => {
        const fail = (error: unknown) => observer.error(clientError(error))
        if (op.type === 'subscription') {
          return connection.subscribe(op.path, op.input, undefined, {
            started: () => observer.next({ result: { type: 'started' } }),
            data: (data, id) =>
              observer.next({
                result: id === undefined ? { type: 'data', data } : { type: 'data', id, data: { id, data } },
              }),
            ended: (error) => (error ? fail(error) : observer.complete()),
          })
        }
        connection.request(op.type, op.path, op.input, timeoutMs).then((data) => {
          observer.next({ result: { type: 'data', data } })
          observer.complete()
        }, fail)
        return undefined
      })
}

/** A TRPCClientError like that of any other link, with our error as `cause` and in `data.holdfast`. */
function clientError(error: unknown): TRPCClientError<AnyTRPCRouter> {
  const cause = error instanceof Error ? error : new Error(String(error))
  if (!(cause instanceof HoldfastError)) return TRPCClientError.from(cause)
  const shape = { code: -32603, message: cause.message, data: { holdfast: cause.toJSON() } }
  const result = new TRPCClientError<AnyTRPCRouter>(cause.message, { cause, result: { error: shape } } as never)
  return result
}
