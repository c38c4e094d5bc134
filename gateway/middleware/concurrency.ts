import type { Middleware } from '../middleware.ts'
import { Refused } from '../problem.ts'
import { kind } from './kind.ts'

interface Waiter {
  go: () => void
  drop: (why: Refused) => void
}

/** First come, first served; what cannot even wait is told at once. */
export const concurrency = kind<{ inFlightMax: number; queueMax: number; waitMs: number }>(
  'concurrency',
  ({ inFlightMax, queueMax, waitMs }, services) => {
    let inFlight = 0
    const queue: Waiter[] = []
    const leave = () => {
      const next = queue.shift()
      if (next) next.go()
      else inFlight -= 1
    }
    const made: Middleware = {
      async process(context, next) {
        if (inFlight < inFlightMax) inFlight += 1
        else {
          if (queue.length >= queueMax) {
            throw new Refused(503, 'limit', `${inFlightMax} requests are under way and ${queue.length} wait.`, {
              retryAfterMs: 1_000,
            })
          }
          const began = services.now()
          await turn(context)
          context.marks.admissionMs += services.now() - began
          context.did(() => `waited ${Math.round(services.now() - began)} ms for its turn`)
        }
        // The slot is free when the answer is through, not when it begins.
        context.onDone(leave)
        return next(context)
      },
    }
    const turn = (context: Parameters<Middleware['process']>[0]) =>
      new Promise<void>((resolve, reject) => {
        const out = () => {
          clearTimeout(timer)
          offCancel()
          const i = queue.indexOf(waiter)
          if (i >= 0) queue.splice(i, 1)
        }
        const waiter: Waiter = {
          go: () => {
            out()
            resolve()
          },
          drop: (why) => {
            out()
            reject(why)
          },
        }
        const timer = setTimeout(
          () => waiter.drop(new Refused(503, 'limit', `No turn came within ${waitMs} ms.`, { retryAfterMs: 1_000 })),
          waitMs,
        )
        const offCancel = context.onCancel((why) => waiter.drop(why))
        queue.push(waiter)
      })
    return made
  },
)
