/** The registry: who is there, how they are, and what operators want of them. */
import type { Clock } from '../core/clock.ts'
import type { ConsistencyLevel, Freshness } from '../core/consistency.ts'
import { ConflictError, ForbiddenError, NotFoundError } from '../core/errors.ts'
import type { JournalEvent } from '../core/event.ts'
import type { CheckResult, CheckSpec, Instance } from '../core/instance.ts'
import { RegistrySnapshot } from '../core/snapshot.ts'
import type { ServiceView } from '../core/topology.ts'
import type { Origin, Store, Tx } from '../db/store.ts'
import type { Log } from './log.ts'
import type { Principal } from './principal.ts'
import { changeInstance } from './registry/change.ts'
import { CheckRuns } from './registry/check-runs.ts'
import { Endings } from './registry/endings.ts'
import { executeOverdue } from './registry/expire.ts'
import { Flaps } from './registry/flaps.ts'
import { liftExpired } from './registry/intent.ts'
import { Pulses } from './registry/pulse.ts'
import {
  type Copy,
  type Discovered,
  type Discovery,
  discover,
  freshness,
  instancesAt,
  listServices,
  type ServiceFilter,
  type ServiceList,
  Views,
} from './registry/reads.ts'
import { leaveHold } from './registry/register.ts'

const SYSTEM_ORIGIN: Origin = { actor: 'system', operationId: null }

/** What keeps active checks going for the instances that asked for them. */
export interface Prober {
  /** `failing`: known to be down already, so that its silence after a restart is no news */
  set(target: {
    id: string
    generation: number
    service: string
    address: string
    check: CheckSpec
    failing: boolean
  }): void
  delete(id: string): void
  /** looks at once; the result is also delivered to `checked`, as every other */
  checkNow(id: string): Promise<CheckResult>
}

export interface RegistryOptions {
  store: Store
  clock: Clock
  log: Log
}

export interface Beat {
  id: string
  generation: number
  status: 'ok' | 'warning' | 'draining'
  note: string
}

export class Registry {
  readonly snapshot = new RegistrySnapshot()
  readonly pulses = new Pulses()
  readonly checks = new CheckRuns()
  readonly views = new Views(this.snapshot)
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Log
  readonly #copy: Copy
  #prober: Prober | null = null
  readonly #flaps = new Flaps()
  readonly #endings = new Endings()
  #unsubscribe: (() => void) | null = null
  /** the result that is being taken in */
  #checking: Promise<void> = Promise.resolve()
  beats = 0

  constructor(options: RegistryOptions) {
    this.#store = options.store
    this.#clock = options.clock
    this.#log = options.log
    this.#copy = { snapshot: this.snapshot, store: this.#store, pulses: this.pulses, staleMs: () => 0 }
  }

  /** Loads the committed state. Every TTL starts anew, so that a restart evicts nobody (R3). */
  async start(prober: Prober): Promise<void> {
    this.#prober = prober
    this.#unsubscribe = this.#store.journal.onCommit((events) => {
      for (const event of events) this.#apply(event)
    })
    const loaded = await this.#store.read(async (tx) => ({
      seq: await tx.head(),
      instances: await tx.q.registry.instances(),
      services: await tx.q.registry.services(),
    }))
    this.snapshot.reset(loaded.seq, loaded.instances, loaded.services)
    this.views.touchAll()
    for (const instance of loaded.instances) {
      this.#follow(instance)
      if (instance.flapping) this.#flaps.follow(instance.id)
    }
    this.pulses.grantGrace(this.#clock.monotonic())
    for (const service of loaded.services) this.#endings.followService(service)
  }

  async stop(): Promise<void> {
    this.checks.finishAll()
    await this.flush()
    this.#unsubscribe?.()
  }

  #apply(event: JournalEvent): void {
    const id = event.key.startsWith('instance/') ? event.key.slice('instance/'.length) : null
    const before = id === null ? undefined : this.snapshot.instances.get(id)
    if (!this.snapshot.apply(event)) return
    if (event.service !== null) this.views.touch(event.service)
    if (id === null) {
      const service = event.service === null ? undefined : this.snapshot.services.get(event.service)
      if (service) this.#endings.followService(service)
      return
    }
    const instance = this.snapshot.instances.get(id)
    if (!instance) {
      this.pulses.delete(id)
      this.checks.delete(id)
      this.#flaps.delete(id)
      this.#prober?.delete(id)
      return
    }
    if (before && before.health !== instance.health) this.#flaps.note(id, this.#clock.monotonic())
    this.#follow(instance, before)
  }

  #follow(instance: Instance, before?: Instance): void {
    this.pulses.follow(instance, this.#clock.monotonic())
    this.#endings.follow(instance)
    const { id, generation, service, address, check } = instance
    if (before?.generation === generation) return
    const failing = instance.checkState === 'failing'
    if (check) this.#prober?.set({ id, generation, service, address, check, failing })
    else this.#prober?.delete(id)
  }

  // ---- reads ----

  freshness(level: ConsistencyLevel): Promise<Freshness> {
    return freshness(this.#copy, level)
  }

  async discover(query: Discovery, level: ConsistencyLevel): Promise<Discovered & Freshness> {
    const { instances, fresh } = await instancesAt(this.#copy, query.name, level)
    return { ...discover(instances, query), ...fresh }
  }

  /** @throws NotFoundError */
  async get(
    name: string,
    level: ConsistencyLevel,
  ): Promise<{ service: ServiceView; instances: readonly Instance[] } & Freshness> {
    const { instances, fresh } = await instancesAt(this.#copy, name, level)
    const service = this.views.get(name)
    if (!service) throw new NotFoundError(`There is no service "${name}".`)
    return { service, instances, ...fresh }
  }

  async list(filter: ServiceFilter, level: ConsistencyLevel): Promise<ServiceList & Freshness> {
    const fresh = await this.freshness(level)
    return { ...listServices(this.views.all(), filter), ...fresh }
  }

  // ---- heartbeats ----

  isAlive(id: string): boolean {
    return this.pulses.isAlive(id, this.#clock.monotonic())
  }

  /**
   * Notes a heartbeat. The usual one touches memory only; one that changes a state is answered after its commit.
   * @throws NotFoundError (details.cause `unknown` or `deregistered`), ConflictError (`superseded`), ForbiddenError
   */
  async heartbeat(principal: Principal, beat: Beat): Promise<{ appliedSeq: number }> {
    const pulse = this.pulses.get(beat.id)
    if (!pulse) return this.#stranger(beat)
    if (pulse.owner !== principal.actor && principal.role !== 'admin') {
      throw new ForbiddenError(`"${beat.id}" belongs to ${pulse.owner}; ${principal.actor} may not keep it alive.`)
    }
    if (pulse.generation !== beat.generation) {
      throw new ConflictError(
        `"${beat.id}" was registered again (generation ${pulse.generation}); generation ${beat.generation} is over.`,
        { details: { cause: 'superseded', generation: pulse.generation } },
      )
    }
    pulse.at = this.#clock.monotonic()
    pulse.wallAt = this.#clock.wall()
    pulse.dirty = true
    this.beats += 1
    const revived = pulse.state === 'late' || pulse.state === 'held' || pulse.state === 'expired'
    if (revived || pulse.reported.status !== beat.status || pulse.reported.note !== beat.note) {
      await this.#store.transact({ actor: principal.actor, operationId: null }, (tx) => this.#revive(tx, beat))
    }
    return { appliedSeq: this.snapshot.appliedSeq }
  }

  async #stranger(beat: Beat): Promise<never> {
    const tombstone = await this.#store.read((tx) => tx.q.registry.tombstone(beat.id))
    // R5: an old generation is not resurrected by a late heartbeat; only a registration brings an id back.
    if (tombstone?.cause === 'operator' && beat.generation <= tombstone.generation) {
      throw new NotFoundError(
        `"${beat.id}" was deregistered by ${tombstone.actor} and stays out. Restart its process to register it again.`,
        { details: { cause: 'deregistered', by: tombstone.actor } },
      )
    }
    throw new NotFoundError(`"${beat.id}" is not registered. Register it before sending heartbeats.`, {
      details: { cause: tombstone ? 'expired' : 'unknown' },
    })
  }

  async #revive(tx: Tx, beat: Beat): Promise<void> {
    const instance = await tx.q.registry.instance(beat.id)
    if (!instance || instance.generation !== beat.generation) return
    const heartbeat = instance.ttlMs === 0 ? 'none' : 'live'
    const reported = { status: beat.status, note: beat.note }
    const same = instance.reported.status === beat.status && instance.reported.note === beat.note
    if (instance.heartbeat === heartbeat && same) return
    await changeInstance(tx, instance, { heartbeat, reported }, { kind: 'instance.health' })
    if (instance.heartbeat === 'held') await leaveHold(tx, instance.service, [instance.id])
  }

  // ---- checks ----

  /** Takes in what a probe saw; journals it only when the state after thresholds changes. */
  checked(id: string, generation: number, result: CheckResult): Promise<void> {
    const checking = this.#checked(id, generation, result)
    this.#checking = checking.catch(() => undefined)
    return checking
  }

  async #checked(id: string, generation: number, result: CheckResult): Promise<void> {
    const instance = this.snapshot.instances.get(id)
    if (!instance?.check || instance.generation !== generation || instance.checkState === null) return
    const state = this.checks.add(id, generation, instance.check, instance.checkState, result)
    if (state === instance.checkState) return
    await this.#store.transact(SYSTEM_ORIGIN, async (tx) => {
      const row = await tx.q.registry.instance(id)
      if (row?.generation !== generation || row.checkState === state) return
      await changeInstance(tx, row, { checkState: state, checkOutput: result.output }, { kind: 'instance.health' })
    })
  }

  /** Looks at once. @throws NotFoundError without an instance or a check */
  async checkNow(id: string): Promise<{ result: CheckResult; instance: Instance }> {
    const instance = this.snapshot.instances.get(id)
    if (!instance) throw new NotFoundError(`There is no instance "${id}".`)
    if (!instance.check || !this.#prober) {
      throw new NotFoundError(`"${id}" has no check. Register it with one, such as { http: "/healthz" }.`)
    }
    const result = await this.#prober.checkNow(id)
    // The prober has delivered the result to `checked` by now, like any other.
    await this.#checking
    return { result, instance: this.snapshot.instances.get(id) ?? instance }
  }

  // ---- loops ----

  /** Looks for what is overdue and executes it in one transaction. */
  async sweep(): Promise<void> {
    const now = this.#clock.monotonic()
    const overdue = this.pulses.overdue(now)
    const flapping = this.#flaps.due(this.snapshot, now)
    const ending = this.#endings.due(this.snapshot, this.#clock.wall())
    if (
      overdue.late.length + overdue.expired.size + overdue.forgotten.length + flapping.length === 0 &&
      ending.instances.length + ending.services.length === 0
    ) {
      return
    }
    await this.#store.transact(SYSTEM_ORIGIN, async (tx) => {
      await executeOverdue(tx, overdue, {
        now,
        isSilent: (pulse) => this.#clock.monotonic() - pulse.at >= pulse.ttlMs,
        census: (service) => this.#census(service, now),
      })
      await liftExpired(tx, ending.instances, ending.services)
      for (const { id, value } of flapping) {
        const row = await tx.q.registry.instance(id)
        if (row && row.flapping !== value) {
          const summary = `${id} ${value ? 'is flapping: its health changes too often' : 'no longer flaps'}`
          await changeInstance(tx, row, { flapping: value }, { kind: 'instance.flapping', summary })
        }
      }
    })
  }

  #census(service: string, now: number): { total: number; recentlyExpired: number } {
    let total = 0
    let recentlyExpired = 0
    for (const instance of this.snapshot.of(service)) {
      const pulse = this.pulses.get(instance.id)
      if (!pulse || pulse.ttlMs === 0) continue
      // Expired long ago: no longer part of what could expire at once.
      if (pulse.state === 'expired' && now - pulse.at >= pulse.ttlMs * 2) continue
      total += 1
      if (pulse.state === 'expired' || pulse.state === 'held') recentlyExpired += 1
    }
    return { total, recentlyExpired }
  }

  /** Writes buffered heartbeats and finished check runs, in bounded portions. */
  async flush(): Promise<void> {
    for (;;) {
      const beats = this.pulses.takeDirty(500)
      const runs = this.checks.takeFinished(500)
      if (beats.length + runs.length === 0) return
      await this.#store.transact(SYSTEM_ORIGIN, async (tx) => {
        for (const { id, generation, wallAt } of beats) {
          if (wallAt !== null) await tx.q.registry.setHeartbeat(id, generation, wallAt)
        }
        for (const { instanceId, run } of runs) {
          if (this.snapshot.instances.has(instanceId)) await tx.q.checks.addRun(instanceId, run)
        }
      })
      for (const { id, wallAt } of beats) {
        // The local copy follows what is committed; its object is replaced, so that nobody sees it change underneath.
        const instance = this.snapshot.instances.get(id)
        if (instance) this.snapshot.put({ ...instance, lastHeartbeatAt: wallAt })
      }
      this.#log.debug({ beats: beats.length, runs: runs.length }, 'heartbeats and check runs written')
      if (beats.length < 500 && runs.length < 500) return
    }
  }
}
