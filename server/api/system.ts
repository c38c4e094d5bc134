import { z } from 'zod'
import { operation } from './operation.ts'
import { router, signedIn } from './trpc.ts'

export const systemRouter = router({
  /** What this control plane is and how it stands. */
  info: signedIn.input(operation(z.object({}).default({}))).query(async ({ ctx }) => {
    const { engines } = ctx
    const { head, oldest } = await engines.store.read(async (tx) => ({
      head: await tx.head(),
      oldest: await tx.q.journal.oldest(),
    }))
    return {
      version: engines.version,
      startedAt: engines.startedAt,
      now: engines.clock.wall(),
      url: engines.config.publicUrl,
      demo: engines.demo !== null,
      database: engines.config.databasePath,
      journal: { head, oldest: oldest?.seq ?? null, oldestAt: oldest?.at ?? null },
      services: engines.registry.views.size,
      instances: engines.registry.pulses.size,
      edges: engines.telemetry.size,
      tabs: engines.live.tabs,
    }
  }),
})
