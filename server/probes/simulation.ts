/** A network without a network: instances that answer, refuse or stay silent on a clock that is moved by hand. For tests. */
import { FakeClock } from '../../core/clock.ts'
import { NetworkError } from '../../core/errors.ts'
import type { CheckResult, CheckSpec } from '../../core/instance.ts'
import { seededRandom } from '../../core/random.ts'
import { timeoutError } from '../outbound/failure.ts'
import { type HttpResponse, OutboundRefused } from '../outbound.ts'
import { Probes } from '../probes.ts'
import { DueHeap } from './heap.ts'

export type Behaviour =
  | { kind: 'answers'; status?: number; body?: string; afterMs?: number }
  | { kind: 'silent' }
  | { kind: 'fails'; cause: string; local: boolean }
  | { kind: 'forbidden' }

export interface Told extends CheckResult {
  id: string
  generation: number
  toldAt: number
}

export const CHECK: CheckSpec = {
  http: '/healthz',
  intervalMs: 10_000,
  timeoutMs: 2_000,
  successThreshold: 2,
  failureThreshold: 3,
}
export const TICK_MS = 50

export class Simulation {
  readonly clock = new FakeClock()
  readonly told: Told[] = []
  /** monotonic times at which an address was called */
  readonly calls = new Map<string, number[]>()
  readonly underWay = new Map<string, number>()
  /** the most calls to one address at the same time */
  worstPerAddress = 0
  worstTotal = 0
  behaviour: (address: string) => Behaviour = () => ({ kind: 'answers' })
  onResult: (told: Told) => void | Promise<void> = () => {}
  readonly #events = new DueHeap<{ dueAt: number; run: () => void }>()
  #total = 0
  readonly probes: Probes

  constructor(seed = 1) {
    const call = (address: string, timeoutMs: number, signal?: AbortSignal) => this.#call(address, timeoutMs, signal)
    this.probes = new Probes({
      clock: this.clock,
      random: seededRandom(seed),
      tickMs: TICK_MS,
      outbound: {
        http: async (request) =>
          call('address' in request ? request.address : request.url, request.timeoutMs, request.signal),
        tcp: async (request) => ({ ...(await call(request.address, request.timeoutMs, request.signal)) }),
      },
      onResult: (id, generation, result) => {
        const told = { ...result, id, generation, toldAt: this.clock.monotonic() }
        this.told.push(told)
        return this.onResult(told)
      },
    })
  }

  #call(address: string, timeoutMs: number, signal?: AbortSignal): Promise<HttpResponse> {
    const now = this.clock.monotonic()
    const calls = this.calls.get(address)
    if (calls) calls.push(now)
    else this.calls.set(address, [now])
    const mine = (this.underWay.get(address) ?? 0) + 1
    this.underWay.set(address, mine)
    this.worstPerAddress = Math.max(this.worstPerAddress, mine)
    this.worstTotal = Math.max(this.worstTotal, ++this.#total)
    const behaviour = this.behaviour(address)
    return new Promise<HttpResponse>((resolve, reject) => {
      const giveUp = () => reject(new NetworkError('given up', { details: { cause: 'aborted', local: true } }))
      const end = (settle: () => void) => () => {
        signal?.removeEventListener('abort', giveUp)
        this.#total -= 1
        this.underWay.set(address, (this.underWay.get(address) ?? 1) - 1)
        settle()
      }
      const afterMs =
        behaviour.kind === 'silent' ? timeoutMs : behaviour.kind === 'answers' ? (behaviour.afterMs ?? 5) : 1
      this.#events.push({
        dueAt: now + afterMs,
        run: end(() => settle(behaviour, address, timeoutMs, resolve, reject)),
      })
      signal?.addEventListener('abort', giveUp)
    })
  }

  /** Lets time pass: ticks every `TICK_MS`, and calls end when they are due. */
  async run(forMs: number): Promise<void> {
    const until = this.clock.monotonic() + forMs
    while (this.clock.monotonic() < until) {
      await this.#runTo(Math.min(until, this.clock.monotonic() + TICK_MS))
      this.probes.tick()
    }
    await settled()
  }

  /** As `run`, but this process is busy: nothing of it happens until the end. */
  async stall(forMs: number): Promise<void> {
    this.clock.advance(forMs)
    await this.#runTo(this.clock.monotonic())
    this.probes.tick()
    await settled()
  }

  async #runTo(at: number): Promise<void> {
    for (let event = this.#events.peek(); event && event.dueAt <= at; event = this.#events.peek()) {
      this.#events.pop()
      this.clock.advance(Math.max(0, event.dueAt - this.clock.monotonic()))
      event.run()
      await settled()
    }
    this.clock.advance(at - this.clock.monotonic())
  }

  of(id: string): Told[] {
    return this.told.filter((told) => told.id === id)
  }
}

function settle(
  behaviour: Behaviour,
  address: string,
  timeoutMs: number,
  resolve: (response: HttpResponse) => void,
  reject: (error: Error) => void,
): void {
  if (behaviour.kind === 'silent') reject(timeoutError(address, 'connect', timeoutMs))
  else if (behaviour.kind === 'forbidden') reject(new OutboundRefused(address, 'it is a link-local address'))
  else if (behaviour.kind === 'fails') {
    reject(
      new NetworkError(`${address}: ${behaviour.cause}.`, {
        details: { cause: behaviour.cause, local: behaviour.local },
      }),
    )
  } else {
    const body = Buffer.from(behaviour.body ?? 'ok')
    resolve({ status: behaviour.status ?? 200, headers: {}, body, truncated: false, durationMs: 0, remote: address })
  }
}

/** Lets everything that was promised run on. */
async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve()
}

export function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
}
