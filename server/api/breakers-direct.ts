import { z } from 'zod'
import { assertBreakerConfig, mergeBreakerConfig } from '../../core/breaker-config.ts'
import type { BreakerWatchMessage } from '../../core/breaker-view.ts'
import { assertService } from '../principal.ts'
import { breakerName, NAMES_MAX, report as reportSchema } from './breaker-schemas.ts'
import { direct, directStream } from './direct.ts'
import { operation, subscription } from './operation.ts'
import { bounded } from './streams.ts'

/** What a caller saw since its last report. At most once; a window that is told again replaces the one before. */
export const report = direct({
  access: { role: 'admin', scope: 'breakers:write' },
  input: operation(reportSchema),
  async run(ctx, input) {
    const { breakers } = ctx.engines
    const { principal } = ctx
    const { outcomes, service = null, ...rest } = input.data
    if (service !== null) assertService(principal, service)
    // What the code says must make sense by itself; refused as a whole, so that nothing is half taken in.
    for (const { defaults } of rest.declared) assertBreakerConfig(mergeBreakerConfig(defaults, {}).config)
    const who = { caller: rest.caller, owner: principal.actor, service }
    const answer = breakers.report({ ...rest, ...who })
    let { refused } = answer
    for (const { name, ...seen } of outcomes) if (!breakers.outcomes(who, name, seen)) refused += 1
    return { ...answer, refused }
  },
})

/**
 * Follows breakers. `rules`: what a caller needs to decide by itself, at once when it changes. `tiles`: what a page shows,
 * at most 8 times a second. Begins with everything (`full`), then only what changed.
 */
export const watch = directStream({
  access: { role: 'viewer', scope: 'breakers:read' },
  input: subscription(
    z.object({
      names: z.union([z.literal('all'), z.array(breakerName).min(1).max(NAMES_MAX)]).default('all'),
      view: z.enum(['rules', 'tiles']).default('rules'),
    }),
  ),
  async *stream(ctx, input, signal): AsyncGenerator<BreakerWatchMessage, void, undefined> {
    using _slot = bounded(ctx)
    const { flow, engines } = ctx
    const names = input.data.names === 'all' ? null : new Set(input.data.names)
    const options = { names, signal, ready: flow ? () => flow.ready() : undefined }
    const { followers } = engines.breakers
    yield* input.data.view === 'rules' ? followers.rules(options) : followers.tiles(options)
  },
  cursor: (message) => String(message.seq),
  encode: (message) => JSON.stringify(message),
})
