/** What a process's mode does to the steps of sagas that it carries out. */
import { type SagaContext, type SagaHandler, type SagaHandlers, StepUnknownError } from '@holdfast/sdk'
import type { Faults } from './faults.ts'

export function faulty(handlers: SagaHandlers, faults: Faults): SagaHandlers {
  const through =
    (handler: SagaHandler): SagaHandler =>
    async (input, ctx) => {
      await orAborted(faults.hold(), ctx)
      if (faults.fails()) {
        faults.answered(500)
        throw new StepUnknownError('SERVICE_FAILED', 'The service failed.')
      }
      const output = await handler(input, ctx)
      faults.answered(200)
      return output
    }
  return Object.fromEntries(
    Object.entries(handlers).map(([task, own]) => {
      if (typeof own === 'function') return [task, through(own)]
      return [
        task,
        { do: through(own.do), undo: own.undo && through(own.undo), probe: own.probe && through(own.probe) },
      ]
    }),
  )
}

/** A process that hangs does not answer, but lets go of what is no longer its own. */
function orAborted(work: Promise<void>, { signal }: SagaContext): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
