import { z } from 'zod'
import { NotFoundError } from '../../core/errors.ts'
import { instanceKey } from '../../core/instance.ts'
import type { Demo } from '../demo.ts'
import { execute } from '../transact.ts'
import type { Context } from './context.ts'
import { operation, subscription } from './operation.ts'
import * as schemas from './schemas.ts'
import { bounded, command } from './streams.ts'
import { allow, router } from './trpc.ts'

const ACTIONS = ['normal', 'slow', 'failing', 'hung', 'kill', 'restart'] as const

/** @throws NotFoundError when this control plane runs without the demo */
function running(ctx: Context): Demo {
  if (ctx.engines.demo === null) {
    throw new NotFoundError('No demo fleet runs here. Start Holdfast with: npm start -- --demo')
  }
  return ctx.engines.demo
}

export const demoRouter = router({
  /** The fleet's processes, their modes, and what its customers meet. */
  list: allow('viewer', null)
    .input(operation(z.object({}).default({})))
    .query(({ ctx }) => running(ctx).list()),

  /** The same now and at every change, about once a second. */
  watch: allow('viewer', null)
    .input(subscription(z.object({}).default({})))
    .subscription(async function* ({ ctx, signal }) {
      using _slot = bounded(ctx)
      const { flow } = ctx
      for await (const status of running(ctx).watch(signal ?? new AbortController().signal)) {
        yield status
        await flow?.ready()
      }
    }),

  /** Makes an instance slow, failing or hung, or kills or restarts its process. Written to the audit trail first. */
  act: allow('operator', null)
    .input(
      operation(
        z.object({ instance: schemas.instanceId, action: z.enum(ACTIONS), reason: schemas.reason.default('demo') }),
      ),
    )
    .mutation(async ({ ctx, input }) => {
      const demo = running(ctx)
      const { instance, action, reason } = input.data
      const before = demo.list().instances.find(({ id }) => id === instance)
      if (!before) throw new NotFoundError(`The demo fleet has no instance "${instance}".`)
      const executed = await execute(ctx.engines.store, command(ctx, 'demo.act', input), async (tx) => {
        const was = { state: before.state, mode: before.mode, pid: before.pid }
        await tx.audit({
          action: `demo.${action}`,
          target: instanceKey(instance),
          reason,
          before: was,
          after: { asked: action },
        })
        return { seq: await tx.head() }
      })
      // What has been done once is not done again when its answer was lost.
      if (executed.replayed) return { instance: demo.list().instances.find(({ id }) => id === instance) ?? before }
      return { instance: await demo.act(instance, action) }
    }),

  /** Makes two instances of inventory wait for each other, for up to 20 s. */
  deadlock: allow('operator', null)
    .input(operation(z.object({ reason: schemas.reason.default('demo') }).default({ reason: 'demo' })))
    .mutation(async ({ ctx, input }) => {
      const demo = running(ctx)
      const executed = await execute(ctx.engines.store, command(ctx, 'demo.deadlock', input), async (tx) => {
        const { reason } = input.data
        await tx.audit({ action: 'demo.deadlock', target: 'service/inventory', reason, before: null, after: null })
        return { seq: await tx.head() }
      })
      return executed.replayed ? { instances: [], locks: [] } : demo.deadlock()
    }),
})
