/** A front with routes of a test's own, without a control plane. */
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Fault } from '../../core/gateway/fault.ts'
import type { Route, Step } from '../../core/gateway/route.ts'
import { type RouteParts, testRoute } from '../../core/gateway/test-route.ts'
import { connect } from '../../sdk/connect.ts'
import type { Exchange } from '../exchange.ts'
import { Front, type FrontLimits, type Outcome } from '../front.ts'
import { BUILT_IN_KINDS } from '../middleware/index.ts'
import type { MiddlewareKind } from '../middleware.ts'
import { Trusted } from '../peer.ts'
import type { Services } from '../services.ts'
import { Table } from '../table.ts'
import { Upstreams } from '../upstreams.ts'

export interface Rig extends AsyncDisposable {
  port: number
  front: Front
  services: Services
  /** what came of each request, in the order in which they ended */
  outcomes: { context: Exchange | null; outcome: Outcome }[]
  faults: Fault[]
  table(): Table
  put(routes: readonly Route[]): void
  /** resolves when `count` requests have ended */
  ended(count: number): Promise<void>
}

export interface RigOptions {
  trusted?: string[]
  kinds?: readonly MiddlewareKind[]
  limits?: FrontLimits
  random?: () => number
  tryKey?: string
  workers?: number
  /** to one instance */
  connectionsMax?: number
  /** milliseconds; what middlewares take for the time */
  now?: () => number
}

const NOBODY = 'http://127.0.0.1:9'

/** One route for everything to `port`, with a chain. */
export function routeTo(port: number, middleware: readonly Step[] = [], parts: RouteParts = {}): Route {
  return testRoute('all', {
    targets: [{ service: null, addresses: [`127.0.0.1:${port}`], weight: 1 }],
    middleware: [...middleware],
    ...parts,
  })
}

export async function rig(routes: readonly Route[], options: RigOptions = {}): Promise<Rig> {
  const holdfast = await connect({ url: NOBODY, token: 'none', wait: false })
  const upstreams = new Upstreams(options.random ?? Math.random, null, options.connectionsMax)
  const services: Services = {
    now: options.now ?? (() => performance.now()),
    random: options.random ?? Math.random,
    workers: options.workers ?? 1,
    upstreams,
    retry: (policy, attempt, more) => holdfast.retry(policy, attempt, more),
    breaker: (name, more) => holdfast.breaker(name, more),
    log: () => {},
  }
  const kinds = new Map(BUILT_IN_KINDS)
  for (const kind of options.kinds ?? []) kinds.set(kind.spec.name, kind)
  let table = Table.empty
  let revision = 0
  const waiting = new Set<() => void>()
  const made: Rig = {
    port: 0,
    services,
    outcomes: [],
    faults: [],
    table: () => table,
    front: new Front({
      table: () => table,
      faults: () => made.faults,
      services,
      trusted: new Trusted(options.trusted ?? []),
      secure: false,
      tryKey: options.tryKey ?? 'try',
      ready: () => true,
      done(context, outcome) {
        made.outcomes.push({ context, outcome })
        for (const look of waiting) look()
      },
      ...(options.limits ? { limits: options.limits } : {}),
    }),
    put(next) {
      revision += 1
      table = Table.compile({ revision, routes: next }, kinds, services, table)
      if (table.problems.length > 0) throw new Error(table.problems.map(({ problem }) => problem).join('\n'))
    },
    ended: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (made.outcomes.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    async [Symbol.asyncDispose]() {
      await made.front.drain(0)
      upstreams.keep(new Set())
      await holdfast.close()
    },
  }
  made.put(routes)
  const { server } = made.front
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  made.port = (server.address() as AddressInfo).port
  return made
}
