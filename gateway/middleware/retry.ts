import { BudgetExhaustedError, HoldfastError, NetworkError, ServiceUnavailableError } from '../../core/errors.ts'
import { type Answer, headerOf, isSource } from '../answer.ts'
import type { Exchange } from '../exchange.ts'
import { Refused } from '../problem.ts'
import { kind } from './kind.ts'

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/** Tries again by a policy of the control plane, within its budget, where that is safe (G5). */
export const retry = kind<{ policy: string; statuses: readonly string[] }>('retry', ({ policy, statuses }, services) => {
  const retried = new Set(statuses.map(Number))
  return {
    async process(context, next) {
      const idempotent = IDEMPOTENT.has(context.method)
      let last: Answer | null = null
      let waitFrom = 0
      try {
        return await services.retry(
          policy,
          async (_signal, n) => {
            if (n > 0) {
              context.marks.backoffMs += services.now() - waitFrom
              context.retries += 1
              if (context.cancelled) throw context.cancelled
            }
            let answer: Answer
            try {
              answer = await next(context)
            } catch (error) {
              waitFrom = services.now()
              throw mayAgain(context, error, idempotent) ? new Again(error as Refused) : error
            }
            if (!retried.has(answer.status) || !idempotent || context.streamed) return answer
            last = answer
            waitFrom = services.now()
            throw new BadAnswer(answer)
          },
          { signal: context.signal, idempotent: true, retryIf: (error) => error instanceof Again || error instanceof BadAnswer },
        )
      } catch (thrown) {
        if (context.cancelled) throw context.cancelled
        const error = thrown instanceof BudgetExhaustedError ? thrown.cause : thrown
        if (thrown instanceof BudgetExhaustedError) context.did(() => 'not tried again: too much is being retried')
        if (error instanceof BadAnswer) return error.answer
        if (error instanceof Again) throw error.refused
        throw error
      } finally {
        if (context.retries > 0) context.did(() => `tried again ${context.retries} ×`)
        // What was answered before a retry is not read any more.
        void last
      }
    },
  }
})

/** A failure that may be tried again. */
class Again extends NetworkError {
  readonly refused: Refused
  constructor(refused: Refused) {
    super(refused.message)
    this.refused = refused
  }
}

/** An answer that may be tried again; it is held until it is known whether it will be. */
class BadAnswer extends ServiceUnavailableError {
  readonly answer: Answer
  constructor(answer: Answer) {
    const after = Number(headerOf(answer.headers, 'retry-after'))
    super(`status ${answer.status}`, after > 0 ? { retryAfterMs: after * 1_000 } : {})
    this.answer = answer
  }
}

function mayAgain(context: Exchange, error: unknown, idempotent: boolean): boolean {
  if (!(error instanceof Refused) || context.cancelled || context.streamed) return false
  return error.unsent || (idempotent && error.refusal === 'upstream')
}

void HoldfastError
void isSource
