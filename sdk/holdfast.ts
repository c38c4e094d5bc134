import { randomUUID } from 'node:crypto'
import { type CreateTRPCClientOptions, createTRPCClient, type TRPCClient } from '@trpc/client'
import { HoldfastError, NetworkError } from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'
import type { EffectivePolicy, PolicyValues } from '../core/policy.ts'
import type { Random } from '../core/random.ts'
import type { AppRouter } from '../server/api/root.ts'
import type { DiscoverFilter, ServiceOptions } from './api.ts'
import { Agents } from './attempt.ts'
import type { Breaker, BreakerOptions } from './breaker.ts'
import { Breakers } from './breakers.ts'
import { type CallOptions, call } from './call.ts'
import type { CallResponse } from './call-response.ts'
import type { CallRetry } from './call-retry.ts'
import { Connection } from './connection.ts'
import { type DiscoverOptions, Discovery, type WatchCallback } from './discover.ts'
import type { Discovered } from './discovered.ts'
import { Election, type ElectOptions } from './election.ts'
import { Events, type HoldfastEvent, type HoldfastEventName, type HoldfastListener } from './events.ts'
import { CallFaults } from './faults.ts'
import type { Guard, GuardCall, GuardOptions } from './guard.ts'
import type { Lease } from './lease.ts'
import { connectionLink } from './link.ts'
import { Load } from './load.ts'
import { Locks } from './lock.ts'
import type { LockOptions, SemaphoreOptions } from './lock-options.ts'
import { assertProtocol, assertServiceName } from './names.ts'
import { Registration } from './registry.ts'
import { Resilience } from './resilience.ts'
import type { Attempt, RetryOptions } from './retry.ts'
import { Sagas } from './sagas/sagas.ts'
import type { HttpService } from './serve.ts'
import { Sync } from './sync.ts'
import { NO_RECORDER, type Observation, type Recorder, Telemetry } from './telemetry.ts'
import type { Time } from './time.ts'

export interface HoldfastOptions {
  url: string
  token?: string | undefined
  service?: ServiceOptions | undefined
  /** the server made by `serve`: drained and closed by `close()`, and both happen on SIGTERM */
  server?: HttpService | undefined
  /** services to follow from the start, so that their first `discover` waits for nothing; `all`: the whole registry */
  follow?: readonly string[] | 'all' | undefined
  /** `false`: calls are not measured for the map */
  telemetry?: boolean | undefined
  /** policies by name, for where the control plane has not set their values */
  policies?: Readonly<Record<string, PolicyValues>> | undefined
  /** for each request to the control plane; default 5,000 */
  requestTimeoutMs?: number | undefined
  /** how long the service is shown as draining before it takes no more connections; default 300 */
  drainNoticeMs?: number | undefined
  /** hears of everything, from before `connect` resolves */
  onEvent?: ((event: HoldfastEvent) => void) | undefined
}

export interface HoldfastParts {
  time: Time
  random: Random
}

const CLOSE_TIMEOUT_MS = 2_000

/** A connection to the control plane, and what a service does through it. Made by `connect`. */
export class Holdfast {
  readonly #connection: Connection
  readonly #sync: Sync
  readonly #discovery: Discovery
  readonly #registration: Registration | null
  readonly #telemetry: Telemetry
  readonly #load: Load
  readonly #resilience: Resilience
  readonly #breakers: Breakers
  readonly #faults: CallFaults
  readonly #agents = new Agents()
  readonly #locks: Locks
  /** Transactions of several steps in several services: define, start and wait for them, and carry out their steps. */
  readonly sagas: Sagas
  readonly #elections = new Set<Election>()
  readonly #calls = new Set<Promise<CallResponse>>()
  /** One for a service and one for each instance of it; without one where this process has too many already. */
  readonly #breakerOf = (service: string, instance: string | null): Breaker | null =>
    this.#breakers.find(
      instance === null ? service : `${service}/${instance}`,
      instance === null ? { service } : { service, instance },
    )
  readonly #callRetry: CallRetry = (policy, attempt, options) => this.#resilience.retry(policy, attempt, options)
  readonly #events: Events
  readonly #options: HoldfastOptions
  readonly #time: Time
  readonly #requestTimeoutMs: number
  #trpc: TRPCClient<AppRouter> | null = null
  #closing: Promise<void> | null = null
  #started = false

  /** @internal use `connect` */
  constructor(options: HoldfastOptions, { time, random }: HoldfastParts) {
    this.#options = options
    this.#time = time
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 5_000
    this.#events = new Events(options.onEvent)
    this.#connection = new Connection(options.url, options.token, time, random, {
      opened: (attempts) => this.#opened(attempts),
      closed: (reason, retryInMs) => {
        this.#registration?.connectionClosed()
        this.#sync.connectionClosed()
        this.#locks.connectionClosed()
        this.sagas.connectionClosed()
        this.#resilience.policies.connectionClosed()
        this.#breakers.connectionClosed()
        this.#faults.connectionClosed()
        this.#events.emit('disconnected', { reason: reason.message, retryInMs })
      },
    })
    this.#sync = new Sync(this.#connection, time, random, this.#events)
    this.#discovery = new Discovery(this.#connection, this.#sync, this.#events, this.#requestTimeoutMs)
    const parts = {
      connection: this.#connection,
      time,
      random,
      events: this.#events,
      noteHead: (seq: number) => this.#sync.noteHead(seq),
    }
    this.#registration = options.service
      ? new Registration(parts, declared(options.service, options.server), this.#requestTimeoutMs)
      : null
    this.#telemetry = new Telemetry(this.#connection, time, () => this.#registration?.instance ?? null, random)
    this.#load = new Load(time, random)
    this.#locks = new Locks({
      connection: this.#connection,
      time,
      events: this.#events,
      instance: () => this.#registration?.instance ?? null,
      service: options.service?.name ?? null,
      requestTimeoutMs: this.#requestTimeoutMs,
    })
    const anonymous = `${options.service?.name ?? 'process'}-${randomUUID().slice(0, 8)}`
    this.sagas = new Sagas({
      connection: this.#connection,
      time,
      random,
      events: this.#events,
      requestTimeoutMs: this.#requestTimeoutMs,
      identity: () => this.#registration?.instance?.id ?? options.service?.id ?? options.service?.name ?? 'worker',
    })
    this.#resilience = new Resilience(
      { ...parts, instance: () => this.#registration?.instance?.id ?? null },
      options.policies ?? {},
    )
    this.#faults = new CallFaults(parts, options.service?.name ?? null)
    this.#breakers = new Breakers({
      connection: this.#connection,
      time,
      random,
      identity: () => ({ caller: this.#registration?.instance?.id ?? anonymous, service: options.service?.name }),
      problem: (error) => this.#events.emit('problem', { during: 'following breakers', error }),
    })
  }

  /** What this process is registered as; null without a service, and when it is out of the registry for good. */
  get instance(): Instance | null {
    return this.#registration?.instance ?? null
  }

  /** Is the control plane reachable? Discovering and calling go on either way. */
  get connected(): boolean {
    return this.#connection.isOpen
  }

  /**
   * Every procedure of the control plane, typed, over the same connection. Its errors are TRPCClientErrors with ours as
   * `cause`.
   */
  get trpc(): TRPCClient<AppRouter> {
    this.#trpc ??= createTRPCClient<AppRouter>({
      links: [connectionLink<AppRouter>(this.#connection, this.#requestTimeoutMs)],
    } as CreateTRPCClientOptions<AppRouter>)
    return this.#trpc
  }

  /**
   * Instances of a service that traffic may be sent to. `eventual` (the default) answers from the local copy, without a
   * round trip once the service is followed, and goes on doing so while the control plane is away, with a growing
   * `staleMs`; the first question follows the service. The other levels ask the server.
   * Throws ConsistencyError (another level, control plane away), ServiceUnavailableError (`eventual`, never seen and
   * away), TimeoutError, ValidationError.
   */
  discover(name: string, options?: DiscoverOptions): Promise<Discovered> {
    return this.#discovery.discover(name, options)
  }

  /**
   * Calls back with the present list as soon as it is known, then only when it changes in something a caller acts on.
   * The returned function ends it. Throws ValidationError.
   */
  watch(name: string, callback: WatchCallback, filter?: DiscoverFilter): () => void {
    return this.#discovery.watch(name, callback, filter)
  }

  /**
   * Calls an instance of a service over HTTP: discovers, chooses by load and weight, passes the trace on, measures; tries
   * again by the policy `call`, or the one given, where that is safe. Resolves for every status, as `fetch` does. What is
   * left of an error goes to `recover`.
   * Throws ServiceUnavailableError, TimeoutError, NetworkError, BudgetExhaustedError, ValidationError.
   */
  call<R = never>(
    service: string,
    path: string,
    options: CallOptions & Pick<GuardCall<R>, 'recover' | 'staticKey'> = {},
  ): Promise<CallResponse | R> {
    const { recover, staticKey, signal } = options
    if (!recover && staticKey === undefined) return this.#call(service, path, options)
    const guard = this.#resilience.callGuard(service)
    return guard.execute<CallResponse, R>(() => this.#call(service, path, options), { recover, staticKey, signal })
  }

  #call(service: string, path: string, options: CallOptions): Promise<CallResponse> {
    const parts = {
      discovery: this.#discovery,
      load: this.#load,
      agents: this.#agents,
      recorder: this.recorder,
      retry: this.#callRetry,
      breakers: this.#breakerOf,
      faults: this.#faults,
    }
    const answer = call(parts, service, path, options)
    this.#calls.add(answer)
    const settled = () => this.#calls.delete(answer)
    answer.then(settled, settled)
    return answer
  }

  /**
   * Tries until `attempt` succeeds or the policy gives up. By name, its values are those that the control plane holds at the
   * moment, and those in code (`policies` of `connect`, else built in) for what it does not; given as values, it stays as it is.
   * Throws what the last attempt threw, BudgetExhaustedError, TimeoutError past `maxElapsedMs`, the signal's reason,
   * ValidationError.
   */
  retry<T>(policy: string | PolicyValues, attempt: Attempt<T>, options?: RetryOptions): Promise<T> {
    return this.#resilience.retry(policy, attempt, options)
  }

  /** Protections around one operation, in one fixed order; keep it and use it for every call. Throws ValidationError. */
  guard<R = never>(name: string, options: GuardOptions<R>): Guard<R> {
    return this.#resilience.guard(name, options)
  }

  /** The values in force under a policy's name, and where each comes from. Throws ValidationError. */
  policy(name: string): EffectivePolicy {
    return this.#resilience.effective(name)
  }

  /**
   * The circuit breaker of that name, shared with the whole fleet: settings given here are defaults, which the control
   * plane may overrule while it runs. The same breaker each time.
   * Throws ValidationError (settings that contradict each other).
   */
  breaker(name: string, options?: BreakerOptions): Breaker {
    return this.#breakers.get(name, options)
  }

  /**
   * Measures what others send: attempts and requests with their cuts (`cutLatency`), calls in flight, finished requests of
   * which some are kept whole. `call` does all of it by itself.
   */
  get recorder(): Recorder {
    return this.#options.telemetry === false ? NO_RECORDER : this.#telemetry
  }

  /**
   * Tells of a call made by other means (a database, gRPC, a queue), so that it shows on the map. Throws
   * ValidationError.
   */
  observe(observation: Observation): void {
    assertServiceName(observation.callee)
    if (observation.protocol !== undefined) assertProtocol(observation.protocol)
    if (this.#options.telemetry !== false) this.#telemetry.record(observation)
  }

  /**
   * Holds a lock while `work` runs: renewed in the background, released at its end. `lease.signal` is aborted when the
   * lock is lost, and then this throws although `work` succeeded. Inside `work` the same lock may be entered again.
   * No lock service alone gives mutual exclusion: send `lease.fencingToken` with every write (see `Fence`).
   * Throws LockError, which names the holder and the expected wait (`retryAfterMs`) or the cycle; ValidationError;
   * NetworkError when the control plane cannot be reached.
   */
  lock<T>(name: string, options: LockOptions, work: (lease: Lease) => Promise<T> | T): Promise<T> {
    return this.#locks.lock(name, options, work)
  }

  /** A lease to be released by hand or by `await using`; null when somebody holds it. Throws as `lock`. */
  tryLock(name: string, options: Omit<LockOptions, 'waitMs'> = {}): Promise<Lease | null> {
    return this.#locks.tryLock(name, options)
  }

  /** Shared: any number of readers, no writer. Throws as `lock`. */
  readLock<T>(name: string, options: LockOptions, work: (lease: Lease) => Promise<T> | T): Promise<T> {
    return this.#locks.readLock(name, options, work)
  }

  /** Exclusive beside `readLock`; it waits for no reader that came after it. Throws as `lock`. */
  writeLock<T>(name: string, options: LockOptions, work: (lease: Lease) => Promise<T> | T): Promise<T> {
    return this.#locks.lock(name, options, work)
  }

  /** One or more of `options.of` permits. Throws as `lock`. */
  semaphore<T>(name: string, options: SemaphoreOptions, work: (lease: Lease) => Promise<T> | T): Promise<T> {
    return this.#locks.semaphore(name, options, work)
  }

  /** All of them or none, in the order of their names. Throws as `lock`. */
  lockAll<T>(
    names: readonly string[],
    options: LockOptions,
    work: (leases: ReadonlyMap<string, Lease>) => Promise<T> | T,
  ): Promise<T> {
    return this.#locks.lockAll(names, options, work)
  }

  /** Stands for an office that one process holds at a time, until `close()`; `options.lead` runs while it does. */
  elect(name: string, options: ElectOptions = {}): Election {
    const parts = { connection: this.#connection, time: this.#time, events: this.#events, locks: this.#locks }
    const election = new Election(name, options, { ...parts, ended: () => this.#elections.delete(election) })
    this.#elections.add(election)
    return election
  }

  /** Says how this service is, at once and with every heartbeat from now on. */
  async report(status: 'ok' | 'warning', note = ''): Promise<void> {
    await this.#registration?.report(status, note)
  }

  /** Listens to an event; the returned function ends it. */
  on<K extends HoldfastEventName>(name: K, listener: HoldfastListener<K>): () => void {
    return this.#events.on(name, listener)
  }

  /**
   * Lets steps of sagas in hand go on for as long as their worker drains, drains the server it was given (shown as draining, no new connections, requests in flight finished), lets calls of
   * its own finish for up to 2 s, sends the last figures, deregisters and closes everything, so that the process can
   * end by itself. Never throws; may be called again.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal */
  async start(connectTimeoutMs: number): Promise<void> {
    const { server, follow } = this.#options
    const deadline = this.#time.monotonic() + connectTimeoutMs
    await this.#untilOpen(connectTimeoutMs)
    if (follow === 'all') this.#sync.wantAll()
    else for (const name of follow ?? []) this.#discovery.follow(name)
    for (;;) {
      try {
        await this.#registration?.start()
        break
      } catch (error) {
        // A connection that broke in between is made again; the operation's id makes the second try harmless.
        const leftMs = deadline - this.#time.monotonic()
        if (!(error instanceof NetworkError) || leftMs <= 0) throw error
        if (!this.#connection.isOpen) await this.#untilOpen(leftMs)
      }
    }
    this.#started = true
    if (server) server.onEnd = () => this.close()
  }

  /** @internal connects and registers as soon as that is possible */
  startLater(): void {
    const { server, follow } = this.#options
    if (follow === 'all') this.#sync.wantAll()
    else for (const name of follow ?? []) this.#discovery.follow(name)
    const register = () => {
      const registered = this.#registration?.start() ?? Promise.resolve(null)
      registered.then(
        () => {
          off()
          this.#started = true
          if (server) server.onEnd = () => this.close()
        },
        (error: unknown) => {
          // A connection that broke is made again, and then this is tried again; anything else somebody has to mend.
          if (error instanceof HoldfastError) this.#events.emit('problem', { during: 'registering', error })
        },
      )
    }
    const off = this.#events.on('connected', register)
    this.#connection.start()
  }

  /** @internal closes without draining, for a start that failed */
  async abandon(): Promise<void> {
    this.#closing ??= this.#release()
    await this.#closing
  }

  #untilOpen(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let last = 'no attempt has finished yet'
      const settle = () => {
        cancel()
        offConnected()
        offDisconnected()
      }
      const offConnected = this.#events.on('connected', () => {
        settle()
        resolve()
      })
      const offDisconnected = this.#events.on('disconnected', ({ reason }) => {
        last = reason
      })
      const cancel = this.#time.after(timeoutMs, () => {
        settle()
        reject(new NetworkError(`No connection to the control plane within ${timeoutMs} ms: ${last}`))
      })
      this.#connection.start()
    })
  }

  #opened(attempts: number): void {
    this.#sync.connectionOpened()
    this.#resilience.policies.connectionOpened()
    this.#breakers.connectionOpened()
    this.#faults.connectionOpened()
    if (this.#started) this.#registration?.connectionOpened()
    this.#locks.connectionOpened()
    this.sagas.connectionOpened()
    for (const election of this.#elections) election.watchLeader()
    this.#events.emit('connected', { url: this.#options.url, attempts })
  }

  async #close(): Promise<void> {
    const { server, drainNoticeMs = 300 } = this.#options
    // Steps in hand may call this very service: they go on while it still takes requests.
    await this.sagas.close()
    if (server) {
      server.startDraining()
      await this.#registration?.report('draining', 'shutting down').catch(() => undefined)
      // Time for those who follow this service to hear of it, while connections are still taken.
      if (this.#connection.isOpen && this.instance) await new Promise((resolve) => setTimeout(resolve, drainNoticeMs))
      await server.stop()
    }
    await this.#release()
  }

  async #release(): Promise<void> {
    await this.sagas.close()
    if (this.#calls.size > 0) await within(CLOSE_TIMEOUT_MS, Promise.allSettled(this.#calls))
    await within(CLOSE_TIMEOUT_MS, Promise.allSettled([...this.#elections].map((election) => election.close())))
    await within(CLOSE_TIMEOUT_MS, this.#locks.close())
    await this.#telemetry.flush(CLOSE_TIMEOUT_MS)
    await this.#registration?.stop(CLOSE_TIMEOUT_MS)
    this.#telemetry.stop()
    this.#breakers.close()
    this.#faults.close()
    this.#sync.close()
    this.#resilience.policies.close()
    this.#connection.close()
    this.#agents.destroy()
  }
}

/** Resolves when `work` is done, or after `ms` without it. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}

/** What the server works on at once is what its utilisation is measured by. */
function declared(service: ServiceOptions, server: HttpService | undefined): ServiceOptions {
  if (!server || !Number.isFinite(server.concurrencyMax)) return service
  return { ...service, metadata: { concurrency: String(server.concurrencyMax), ...service.metadata } }
}
