import { Refused } from '../problem.ts'
import type { Exchange } from '../exchange.ts'
import { kind } from './kind.ts'

export const fault = kind<{ share: number; delayMs: number; abortStatus: number | null }>('fault', (config, services) => ({
  async process(context, next) {
    if (config.share < 1 && services.random() >= config.share) return next(context)
    await strike(context, config)
    return next(context)
  },
}))

/** Makes one request slow or fail, on purpose. @throws Refused */
export async function strike(context: Exchange, fault: { delayMs: number; abortStatus: number | null }): Promise<void> {
  context.fault = true
  if (fault.delayMs > 0) {
    await wait(context, fault.delayMs)
    context.marks.faultMs = (context.marks.faultMs ?? 0) + fault.delayMs
  }
  if (fault.abortStatus !== null) {
    throw new Refused(fault.abortStatus, 'fault', 'A fault made on purpose answers in the place of the service.')
  }
}

function wait(context: Exchange, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      off()
      resolve()
    }, ms)
    const off = context.onCancel((why) => {
      clearTimeout(timer)
      reject(why)
    })
  })
}
