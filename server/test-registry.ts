/** For tests: a registry on a real database file, with a clock that moves only when told to. */
import { pino } from 'pino'
import { FakeClock } from '../core/clock.ts'
import type { CheckResult, Instance } from '../core/instance.ts'
import { type TestStore, testStore } from '../db/test-store.ts'
import { registration } from './api/schemas.ts'
import { Journal } from './journal.ts'
import { type Principal, SYSTEM } from './principal.ts'
import { register } from './registry/register.ts'
import { Registry } from './registry.ts'
import { execute } from './transact.ts'

export const TOKEN: Principal = {
  ...SYSTEM,
  kind: 'token',
  id: 'token:fleet',
  actor: 'token:fleet',
  name: 'fleet',
  role: null,
}

export interface TestRegistry extends AsyncDisposable {
  clock: FakeClock
  file: TestStore
  registry: Registry
  journal: Journal
  probed: Map<string, { address: string }>
  answer: CheckResult
  register(data: Record<string, unknown>, principal?: Principal, operationId?: string): Promise<Instance>
  beat(instance: Instance, more?: Partial<{ status: 'ok' | 'warning' | 'draining'; note: string }>): Promise<unknown>
  /** lets time pass in steps of a sweep, with heartbeats from `alive` */
  pass(ms: number, alive?: Instance[]): Promise<void>
  health(id: string): string | undefined
  /** ends the process without a goodbye and starts another on the same file */
  restart(downMs?: number): Promise<void>
}

export async function testRegistry(): Promise<TestRegistry> {
  const clock = new FakeClock()
  const file = await testStore(clock)
  const probed = new Map<string, { address: string }>()
  const make = async () => {
    const journal = new Journal(file.store)
    await journal.start()
    const registry = new Registry({ store: file.store, clock, log: pino({ level: 'silent' }) })
    await registry.start({
      set: (target) => probed.set(target.id, target),
      delete: (id) => probed.delete(id),
      async checkNow(id) {
        const result = { ...t.answer, at: clock.wall() }
        void registry.checked(id, registry.snapshot.instances.get(id)?.generation ?? 0, result)
        return result
      },
    })
    return { registry, journal }
  }
  const t: TestRegistry = {
    clock,
    file,
    probed,
    answer: { at: 0, status: 'passing', durationMs: 3, output: '200 OK' },
    ...({} as { registry: Registry; journal: Journal }),
    async register(data, principal = TOKEN, operationId) {
      const input = registration.parse({ address: '127.0.0.1:4000', ...data })
      const command = { procedure: 'registry.register', principal, operationId: operationId ?? null, input }
      const presence = {
        isAlive: (id: string) => t.registry.isAlive(id),
        size: t.registry.pulses.size,
        services: t.registry.snapshot.services.size,
      }
      const { result } = await execute(t.file.store, command, (tx) => register(tx, input, principal.actor, presence))
      return result
    },
    beat: (instance, more = {}) =>
      t.registry.heartbeat(TOKEN, {
        id: instance.id,
        generation: instance.generation,
        status: 'ok',
        note: '',
        ...more,
      }),
    async pass(ms, alive = []) {
      for (let left = ms; left > 0; left -= 500) {
        clock.advance(Math.min(500, left))
        for (const instance of alive) await t.beat(instance)
        await t.registry.sweep()
      }
    },
    health: (id) => t.registry.snapshot.instances.get(id)?.health,
    async restart(downMs = 0) {
      clock.advance(downMs)
      await file.reopen()
      Object.assign(t, await make())
    },
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]()
    },
  }
  Object.assign(t, await make())
  return t
}
