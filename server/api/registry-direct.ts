import { z } from 'zod'
import { jsonText } from '../../core/json-text.ts'
import { assertService } from '../principal.ts'
import { register } from '../registry/register.ts'
import { type WatchMessage, watchRegistry } from '../registry/watch.ts'
import { execute } from '../transact.ts'
import { direct, directStream } from './direct.ts'
import { operation, subscription } from './operation.ts'
import * as schemas from './schemas.ts'
import { bounded, command } from './streams.ts'

/** Registers an instance, or brings it back. Durable when answered; readable at once (R1). */
export const registerInstance = direct({
  access: { role: 'admin', scope: 'registry:write' },
  input: operation(schemas.registration),
  async run(ctx, input) {
    const { registry, store, clock } = ctx.engines
    const { principal } = ctx
    assertService(principal, input.data.name)
    const executed = await execute(store, command(ctx, 'registry.register', input), async (tx) => {
      const presence = {
        isAlive: (id: string) => registry.isAlive(id),
        size: registry.pulses.size,
        services: registry.snapshot.services.size,
      }
      const instance = await register(tx, input.data, principal.actor, presence)
      return { instance, seq: await tx.head() }
    })
    return { ...executed.result, replayed: executed.replayed, now: clock.wall() }
  },
  encode({ instance, ...rest }) {
    return `{"instance":${jsonText(instance)},${JSON.stringify(rest).slice(1)}`
  },
})

/** Keeps an instance alive. Not durable and not journaled unless it changes a state. */
export const heartbeat = direct({
  access: { role: 'admin', scope: 'registry:write' },
  input: operation(schemas.heartbeat),
  run: (ctx, input) => ctx.engines.registry.heartbeat(ctx.principal, input.data),
})

export const discover = direct({
  access: { role: 'viewer', scope: 'registry:read' },
  input: operation(schemas.discovery),
  run: (ctx, input) => ctx.engines.registry.discover(input.data, input.consistencyLevel ?? 'eventual'),
  // Measured with 5 instances a service: 34k discoveries/s by texts that are made once, 19k/s by JSON.stringify.
  encode({ instances, ...rest }) {
    return `{"instances":[${instances.map(jsonText).join(',')}],${JSON.stringify(rest).slice(1)}`
  },
})

/** Follows services: a snapshot, then every change in order; resumable by its cursor. */
export const watch = directStream({
  access: { role: 'viewer', scope: 'registry:read' },
  input: subscription(z.object({ services: z.union([z.literal('all'), z.array(schemas.name).min(1).max(200)]) })),
  async *stream(ctx, input, signal): AsyncGenerator<WatchMessage, void, undefined> {
    using _slot = bounded(ctx)
    const { flow } = ctx
    yield* watchRegistry(ctx.engines, {
      services: input.data.services === 'all' ? null : new Set(input.data.services),
      cursor: input.lastEventId === undefined ? null : Number(input.lastEventId),
      signal,
      ready: flow ? () => flow.ready() : undefined,
    })
  },
  cursor: (message) => String(message.seq),
  // An event goes to many readers: its JSON is made once for all of them.
  encode(message) {
    if (message.type !== 'events') return JSON.stringify(message)
    const { events, ...rest } = message
    return `{"events":[${events.map(jsonText).join(',')}],${JSON.stringify(rest).slice(1)}`
  },
})
