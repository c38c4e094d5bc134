import { tracked } from '@trpc/server'
import { z } from 'zod'
import { ForbiddenError, NotFoundError, ValidationError } from '../../core/errors.ts'
import { type HealthState, type Instance, instanceKey } from '../../core/instance.ts'
import { releaseHold, setDrain, setMaintenance } from '../registry/intent.ts'
import { deregister } from '../registry/register.ts'
import { execute } from '../transact.ts'
import { operation } from './operation.ts'
import { discover, heartbeat, registerInstance, watch } from './registry-direct.ts'
import * as schemas from './schemas.ts'
import { command } from './streams.ts'
import { allow, router } from './trpc.ts'

const reader = allow('viewer', 'registry:read')
const operator = allow('operator', null)

export const registryRouter = router({
  register: allow(registerInstance.access.role, registerInstance.access.scope)
    .input(registerInstance.input)
    .mutation(({ ctx, input }) => registerInstance.run(ctx, input)),

  heartbeat: allow(heartbeat.access.role, heartbeat.access.scope)
    .input(heartbeat.input)
    .mutation(({ ctx, input }) => heartbeat.run(ctx, input)),

  deregister: allow('operator', 'registry:write')
    .input(
      operation(
        z.object({
          id: schemas.instanceId,
          generation: z.number().int().positive().optional(),
          reason: schemas.reason.optional(),
        }),
      ),
    )
    .mutation(async ({ ctx, input }) => {
      const { store } = ctx.engines
      const { principal } = ctx
      const { id, generation, reason } = input.data
      const executed = await execute(store, command(ctx, 'registry.deregister', input), async (tx) => {
        // Whose it is, is asked of the row: it may have been registered a moment ago. Nobody's is NOT_FOUND below.
        const holder = await tx.q.registry.instance(id)
        const own = holder?.owner === principal.actor
        if (holder && !own && principal.role === null) {
          throw new ForbiddenError(`"${id}" belongs to another owner; ${principal.actor} may not deregister it.`)
        }
        if (holder && !own && reason === undefined) {
          throw new ValidationError('Say why this instance is deregistered: "reason" is missing.')
        }
        const why = reason ?? 'said goodbye'
        const before = await deregister(tx, id, own ? 'service' : 'operator', why, generation)
        if (!own) {
          await tx.audit({ action: 'instance.deregister', target: instanceKey(id), reason: why, before, after: null })
        }
        return { seq: await tx.head() }
      })
      return { ...executed.result, replayed: executed.replayed }
    }),

  drain: operator
    .input(
      operation(
        z.object({
          id: schemas.instanceId,
          on: z.boolean(),
          reason: schemas.reason,
          forMs: schemas.forMs.default(null),
        }),
      ),
    )
    .mutation(async ({ ctx, input }) => {
      const { id, ...wish } = input.data
      const executed = await execute(ctx.engines.store, command(ctx, 'registry.drain', input), async (tx) => ({
        instance: await setDrain(tx, id, wish),
        seq: await tx.head(),
      }))
      return { ...executed.result, replayed: executed.replayed }
    }),

  setMaintenance: operator
    .input(
      operation(
        z.object({
          target: schemas.target,
          on: z.boolean(),
          reason: schemas.reason,
          forMs: schemas.forMs.default(null),
        }),
      ),
    )
    .mutation(async ({ ctx, input }) => {
      const { target, ...wish } = input.data
      const executed = await execute(ctx.engines.store, command(ctx, 'registry.setMaintenance', input), async (tx) => {
        await setMaintenance(tx, target, wish)
        return { seq: await tx.head() }
      })
      return { ...executed.result, replayed: executed.replayed }
    }),

  /** Executes a held mass expiry: what is still silent counts as down. */
  releaseHold: operator
    .input(operation(z.object({ service: schemas.name, reason: schemas.reason })))
    .mutation(async ({ ctx, input }) => {
      const { service, reason } = input.data
      const executed = await execute(ctx.engines.store, command(ctx, 'registry.releaseHold', input), async (tx) => {
        const expired = await releaseHold(tx, service, reason)
        return { expired, seq: await tx.head() }
      })
      return { ...executed.result, replayed: executed.replayed }
    }),

  /** Checks an instance now instead of at its next turn. */
  check: operator
    .input(operation(z.object({ id: schemas.instanceId })))
    .mutation(({ ctx, input }) => ctx.engines.registry.checkNow(input.data.id)),

  discover: allow(discover.access.role, discover.access.scope)
    .input(discover.input)
    .query(({ ctx, input }) => discover.run(ctx, input)),

  get: reader
    .input(operation(z.object({ name: schemas.name })))
    .query(({ ctx, input }) => ctx.engines.registry.get(input.data.name, input.consistencyLevel ?? 'readUncommitted')),

  list: reader
    .input(operation(schemas.serviceFilter))
    .query(({ ctx, input }) => ctx.engines.registry.list(input.data, input.consistencyLevel ?? 'eventual')),

  /** Changes of health of an instance or of a whole service, newest first, and the runs of its check. */
  history: reader
    .input(
      operation(
        z.object({
          id: schemas.instanceId.optional(),
          service: schemas.name.optional(),
          before: z.number().int().positive().optional(),
          limit: schemas.pageLimit,
        }),
      ),
    )
    .query(async ({ ctx, input }) => {
      const { id, service, before, limit } = input.data
      if ((id === undefined) === (service === undefined)) throw new ValidationError('Give either "id" or "service".')
      const { registry, store } = ctx.engines
      const fresh = await registry.freshness(input.consistencyLevel ?? 'eventual')
      return store.read(async (tx) => {
        const key = id === undefined ? undefined : instanceKey(id)
        const events = await tx.q.journal.list({ key, service, before, limit })
        const transitions = events
          .filter((event) => event.key.startsWith('instance/'))
          .map(({ seq, at, kind, actor, summary, key: of, value }) => ({
            seq,
            at,
            kind,
            actor,
            summary,
            instanceId: of.slice('instance/'.length),
            health: (value as Instance | null)?.health ?? (null as HealthState | null),
            reason: (value as Instance | null)?.reason ?? '',
          }))
        const last = events.at(-1)
        const next = last && events.length === limit ? last.seq : null
        if (id === undefined) return { transitions, checks: [], next, ...fresh }
        const running = registry.checks.running(id)
        const written = await tx.q.checks.runs(id, null, 50)
        const checks = [...(running ? [running] : []), ...registry.checks.unwritten(id), ...written].slice(0, 50)
        return { transitions, checks, next, ...fresh }
      })
    }),

  /** Forgets a service that has no instances left. */
  forget: operator
    .input(operation(z.object({ service: schemas.name, reason: schemas.reason })))
    .mutation(async ({ ctx, input }) => {
      const { service: name, reason } = input.data
      const executed = await execute(ctx.engines.store, command(ctx, 'registry.forget', input), async (tx) => {
        const service = await tx.q.registry.service(name)
        if (!service) throw new NotFoundError(`There is no service "${name}".`)
        const left = (await tx.q.registry.instancesOf(name)).length
        if (left > 0) throw new ValidationError(`"${name}" still has ${left} instances. Deregister them first.`)
        await tx.q.registry.deleteService(name)
        const key = `service/${name}`
        await tx.emit({
          kind: 'service.forgotten',
          key,
          service: name,
          summary: `${name} forgotten: ${reason}`,
          value: null,
        })
        await tx.audit({ action: 'service.forget', target: key, reason, before: service, after: null })
        return { seq: await tx.head() }
      })
      return { ...executed.result, replayed: executed.replayed }
    }),

  watch: allow(watch.access.role, watch.access.scope)
    .input(watch.input)
    .subscription(async function* ({ ctx, input, signal }) {
      const messages = watch.stream(ctx, input, signal ?? new AbortController().signal)
      for await (const message of messages) yield tracked(watch.cursor(message), message)
    }),
})
