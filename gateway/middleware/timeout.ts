import { Refused } from '../problem.ts'
import { kind } from './kind.ts'

export const timeout = kind<{ ms: number; idleMs: number }>('timeout', ({ ms, idleMs }) => ({
  async process(context, next) {
    context.idleMs = Math.max(ms, idleMs)
    const timer = setTimeout(() => {
      context.cancel(new Refused(504, 'timeout', `${context.service ?? 'The service'} did not answer within ${ms} ms.`))
    }, ms)
    try {
      return await next(context)
    } finally {
      clearTimeout(timer)
    }
  },
}))
