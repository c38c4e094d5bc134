/** What workers and starters call all day. */
import { z } from 'zod'
import { startRun } from '../sagas/start.ts'
import type { SagaTask } from '../sagas/task.ts'
import { execute } from '../transact.ts'
import { direct, directStream } from './direct.ts'
import { operation, subscription } from './operation.ts'
import * as schemas from './saga-schemas.ts'
import { bounded, command } from './streams.ts'

const worker = { role: 'admin', scope: 'sagas:write' } as const

export const start = direct({
  access: { role: 'operator', scope: 'sagas:write' },
  input: operation(schemas.start.extend({ reason: z.string().trim().min(3).max(500).optional() })),
  async run(ctx, input) {
    const { store, sagas } = ctx.engines
    const { reason, ...data } = input.data
    const { principal } = ctx
    const by = reason === undefined ? null : { actor: principal.actor, reason }
    // A run's own key says whether it was started before, for as long as the run is kept.
    const operationId = data.idempotencyKey === undefined ? input.id : undefined
    const startCommand = command(ctx, 'sagas.start', { id: operationId, data: input.data })
    const executed = await execute(store, startCommand, async (tx) => {
      const started = await startRun(sagas.engine, tx, data, by)
      if (principal.role !== null && !started.existing) {
        const target = `saga/${started.runId}`
        await tx.audit({ action: 'saga.start', target, reason: reason ?? null, before: null, after: started })
      }
      return started
    })
    return { ...executed.result, existing: executed.result.existing || executed.replayed }
  },
})

export const heartbeat = direct({
  access: worker,
  input: operation(schemas.beat),
  run: async (ctx, { data }) => ctx.engines.sagas.heartbeat(ctx.principal.actor, data.worker, data.leases),
})

export const complete = direct({
  access: worker,
  input: operation(schemas.complete),
  run: (ctx, { data: { runId, output, step, phase, fence, worker } }) =>
    ctx.engines.sagas.complete(ctx.principal.actor, runId, { step, phase, fence, worker }, output),
})

export const fail = direct({
  access: worker,
  input: operation(schemas.fail),
  run: (ctx, { data: { runId, error, outcome, retryable, retryAfterMs, ...ref } }) =>
    ctx.engines.sagas.fail(ctx.principal.actor, runId, ref, { error, outcome, retryable, retryAfterMs }),
})

export interface ClaimMessage {
  seq: number
  tasks: SagaTask[]
}

/** Hands out tasks as they come, together where they come together, never more than `capacity` at once. */
export const claim = directStream({
  access: worker,
  input: subscription(schemas.claim),
  async *stream(ctx, { data }, signal): AsyncGenerator<ClaimMessage, void, undefined> {
    using _slot = bounded(ctx)
    let tasks: SagaTask[] = []
    let wake: (() => void) | null = null
    let isDue = false
    const session = {
      worker: data.worker,
      actor: ctx.principal.actor,
      keys: data.tasks.map((task) => `${data.queue}/${task}`),
      capacity: data.capacity,
      push(task: SagaTask) {
        tasks.push(task)
        isDue = true
        wake?.()
      },
    }
    const close = ctx.engines.sagas.openWorker(session)
    const abort = () => wake?.()
    signal.addEventListener('abort', abort)
    try {
      let seq = 0
      // Said at once, so that a worker knows that it is known.
      yield { seq, tasks: [] }
      for (;;) {
        if (!isDue && !signal.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve
            if (signal.aborted || isDue) resolve()
          })
          wake = null
        }
        if (!ctx.principal.active) return
        if (signal.aborted) {
          // A worker that stops asking still gets what was leased to it: else that would wait for the end of its lease.
          await ctx.engines.sagas.drain(session)
          if (tasks.length > 0) yield { seq: seq + 1, tasks }
          return
        }
        const batch = tasks
        tasks = []
        isDue = false
        if (batch.length === 0) continue
        seq += 1
        yield { seq, tasks: batch }
      }
    } finally {
      signal.removeEventListener('abort', abort)
      close()
    }
  },
  cursor: (message) => String(message.seq),
  encode: (message) => JSON.stringify(message),
})

/** Waits until a run has ended, or waits for a person, at most `waitMs`; `done: false`: not yet. */
export const result = direct({
  access: { role: 'viewer', scope: 'sagas:read' },
  input: operation(z.object({ runId: schemas.runId, waitMs: z.number().int().min(0).max(30_000).default(25_000) })),
  run: (ctx, { data }) => ctx.engines.sagas.reads.result(data.runId, data.waitMs),
})
