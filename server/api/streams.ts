import { RateLimitedError } from '../../core/errors.ts'
import type { Principal } from '../principal.ts'
import type { Command } from '../transact.ts'
import type { Context } from './context.ts'

/** Subscriptions that one connection may hold open. */
export const SUBSCRIPTIONS_MAX = 100

/** Takes one of the connection's places for a subscription, until disposed. @throws RateLimitedError when none is left */
export function bounded(ctx: Context): Disposable {
  if (ctx.subscriptions.open >= SUBSCRIPTIONS_MAX) {
    throw new RateLimitedError(`This connection already has ${SUBSCRIPTIONS_MAX} subscriptions. Close some first.`, {
      retryable: false,
    })
  }
  ctx.subscriptions.open += 1
  return {
    [Symbol.dispose]() {
      ctx.subscriptions.open -= 1
    },
  }
}

export function command(
  ctx: { principal: Principal },
  procedure: string,
  input: { id?: string | undefined; data: unknown },
): Command {
  return { procedure, principal: ctx.principal, operationId: input.id ?? null, input: input.data }
}
