import { BudgetExhaustedError, NetworkError, ServiceUnavailableError, TimeoutError } from '../../core/errors.ts'
import { type Answer, headerOf, isSource } from '../answer.ts'
import type { Exchange } from '../exchange.ts'
import { Refused } from '../problem.ts'
import { kind } from './kind.ts'

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/** Tries again by a policy of the control plane, within its budget, where that is safe (G5). */
export const retry = kind<{ policy: string; statuses: readonly string[] }>(
  'retry',
  ({ policy, statuses }, services) => {
    const retried = new Set(statuses.map(Number))
    return {
      async process(context, next) {
        const idempotent = IDEMPOTENT.has(context.method)
        let waitFrom = 0
        const attempt = async (signal: AbortSignal, n: number) => {
          if (n > 0) {
            context.marks.backoffMs += services.now() - waitFrom
            context.retries += 1
          }
          if (context.cancelled) throw context.cancelled
          // A policy may bound each attempt; the signal never fires where it does not.
          signal.addEventListener('abort', () => context.stopAttempt?.(slow()), { once: true })
          let answer: Answer
          try {
            answer = await next(context)
          } catch (error) {
            waitFrom = services.now()
            throw mayAgain(context, error, idempotent) ? new Again(error as Refused) : error
          }
          if (!retried.has(answer.status) || !idempotent || context.streamed) return answer
          waitFrom = services.now()
          throw new BadAnswer(answer)
        }
        const running = services.retry(policy, attempt, {
          idempotent,
          retryIf: (error) =>
            error instanceof Again || error instanceof BadAnswer || (idempotent && error instanceof TimeoutError),
          onRetry: ({ error }) => {
            if (error instanceof BadAnswer) discard(error.answer)
          },
        })
        try {
          return await orCancelled(context, running)
        } catch (thrown) {
          const error = thrown instanceof BudgetExhaustedError ? (thrown.cause as unknown) : thrown
          if (thrown instanceof BudgetExhaustedError) context.did(() => 'not tried again: too much is being retried')
          if (error instanceof BadAnswer) return error.answer
          if (error instanceof Again) throw error.refused
          if (error instanceof TimeoutError) throw slow()
          throw error
        } finally {
          if (context.retries > 0) context.did(() => `tried again ${context.retries} ×`)
        }
      },
    }
  },
)

/** A cancelled request waits for no backoff. */
function orCancelled(context: Exchange, running: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const off = context.onCancel(reject)
    running.then(
      (answer) => {
        off()
        resolve(answer)
      },
      (error: unknown) => {
        off()
        reject(error)
      },
    )
  })
}

/** Reads what is left of an answer that nobody gets, so that its connection can be used again. */
function discard({ body }: Answer): void {
  if (isSource(body)) body.pipe({ data: () => true, end: () => {}, fail: () => {} })
}

function slow(): Refused {
  return new Refused(504, 'timeout', 'The service did not answer within the time that the policy allows an attempt.')
}

/** A failure that may be tried again. */
class Again extends NetworkError {
  readonly refused: Refused
  constructor(refused: Refused) {
    // By this the SDK knows that even what is not idempotent may be repeated.
    super(refused.message, { details: { sent: !refused.unsent } })
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
