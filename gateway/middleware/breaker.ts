import { BreakerOpenError } from '../../core/errors.ts'
import { Refused } from '../problem.ts'
import { kind } from './kind.ts'

/** The breaker of the service; those of its instances are asked where the instance is chosen. */
export const breaker = kind('breaker', (_config, services) => ({
  async process(context, next) {
    context.breakers = true
    const service = context.route?.onlyService ?? null
    const guard = service === null ? null : services.breaker(service, { service })
    if (!guard) return next(context)
    // Nothing is allocated while it is closed: only half-open asks the fleet, and waits.
    let permit = guard.acquire()
    if (permit instanceof BreakerOpenError) {
      try {
        permit = await guard.enter()
      } catch (error) {
        if (!(error instanceof BreakerOpenError)) throw error
        throw new Refused(503, 'breaker', error.message, { retryAfterMs: error.retryAfterMs ?? 1_000, unsent: true })
      }
    }
    try {
      const answer = await next(context)
      permit.settle(answer.status >= 500 ? 'failure' : 'success')
      return answer
    } catch (error) {
      permit.settle(error instanceof Refused && speaksAgainst(error) ? 'failure' : 'ignored')
      throw error
    }
  },
}))

/** The client's own doing, and what was never sent to anybody, says nothing about the service. */
function speaksAgainst({ refusal }: Refused): boolean {
  return refusal === 'upstream' || refusal === 'timeout'
}
