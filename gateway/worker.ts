/** One worker: the only wiring of its parts. */

import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { wrongSpec } from '../core/gateway/spec.ts'
import type { Breaker } from '../sdk/breaker.ts'
import { connect } from '../sdk/connect.ts'
import { Following } from './follow.ts'
import { Front } from './front.ts'
import { BUILT_IN_KINDS } from './middleware/index.ts'
import type { MiddlewareKind } from './middleware.ts'
import { Trusted } from './peer.ts'
import { Recorder } from './record.ts'
import type { Services } from './services.ts'
import type { GatewaySettings } from './settings.ts'
import { Upstreams } from './upstreams.ts'

/** SIGTERM promises an end within 5 s, the primary's own included. */
const DRAIN_MS = 2_500
const CLOSE_MS = 800

export interface WorkerProcess {
  port: number
  stop(): Promise<void>
}

export async function startWorker(settings: GatewaySettings, worker: number): Promise<WorkerProcess> {
  const startedAt = Date.now()
  const log = (level: 'warn' | 'error', facts: object, message: string) => {
    const line = JSON.stringify({ level, worker, ...plain(facts), msg: message })
    if (level === 'error') console.error(line)
    else console.warn(line)
  }
  const upstreams = new Upstreams(Math.random, settings.zone)
  const kinds = await kindsOf(settings)
  const breakers = new Map<string, Breaker | null>()
  const services: Services = {
    now: () => performance.now(),
    random: Math.random,
    workers: settings.workers,
    upstreams,
    retry: (policy, attempt, options) => holdfast.retry(policy, attempt, options),
    breaker(name, options) {
      const known = breakers.get(name)
      if (known !== undefined) return known
      let made: Breaker | null = null
      try {
        made = holdfast.breaker(name, options)
      } catch (error) {
        log('warn', { error, breaker: name }, 'this breaker cannot be had; calls pass without it')
      }
      breakers.set(name, made)
      // Names are those of services and instances; what is gone is forgotten with the rest once in a while.
      if (breakers.size > 1_500) breakers.clear()
      return made
    },
    log,
  }

  const front = new Front({
    table: () => following.table,
    faults: () => following.faults(),
    services,
    trusted: new Trusted(settings.trusted),
    secure: false,
    tryKey: settings.tryKey,
    ready: () => following.ready,
    done: (context, outcome) => recorder.done(context, outcome),
    malformed: (status) => recorder.malformed(status),
  })
  // All that the front refers to is there before the first connection can be taken: nothing below waits for I/O.
  const port = await listen(front, settings)
  const address = `${settings.advertise.includes(':') ? `[${settings.advertise}]` : settings.advertise}:${port}`
  const holdfast = await connect({
    url: settings.url,
    token: settings.token,
    // Routing does not wait for the control plane: it begins with the last good copy.
    wait: false,
    service: {
      id: `gateway-${settings.name}-${port}-${worker}`,
      name: 'gateway',
      address,
      version: settings.version,
      tags: ['gateway'],
      ...(settings.zone === null ? {} : { zone: settings.zone }),
      metadata: { worker: String(worker), pid: String(process.pid) },
    },
  })
  const following = new Following({
    holdfast,
    services,
    kinds,
    copyPath: settings.copyPath,
    writes: worker === 1,
    wall: Date.now,
  })
  const recorder = new Recorder({
    holdfast,
    settings,
    worker,
    table: () => following.table,
    upstreams,
    kinds,
    startedAt,
    address: () => address,
    random: Math.random,
    log,
  })
  recorder.front = front
  following.start()
  recorder.start()

  return {
    port,
    async stop() {
      await front.drain(DRAIN_MS)
      recorder.stop()
      await within(CLOSE_MS, recorder.flush())
      following.stop()
      await within(CLOSE_MS, holdfast.close())
    },
  }
}

async function listen({ server }: Front, { port, host }: GatewaySettings): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}

/** The built-in middlewares and those of one's own. @throws Error that names the module */
async function kindsOf({ middlewarePath }: GatewaySettings): Promise<ReadonlyMap<string, MiddlewareKind>> {
  if (middlewarePath === null) return BUILT_IN_KINDS
  const kinds = new Map(BUILT_IN_KINDS)
  const module = (await import(pathToFileURL(middlewarePath).href)) as { default?: unknown }
  const own = [module.default].flat() as Partial<MiddlewareKind>[]
  for (const kind of own) {
    const wrong = wrongSpec(kind?.spec)
    if (wrong !== null) throw new Error(`${middlewarePath}: ${wrong}`)
    const spec = kind.spec as MiddlewareKind['spec']
    if (typeof kind.create !== 'function') throw new Error(`${middlewarePath}: "${spec.name}" has no "create"`)
    if (kinds.has(spec.name)) throw new Error(`${middlewarePath}: there are two of the name "${spec.name}"`)
    kinds.set(spec.name, { spec: { ...spec, from: 'gateway' }, create: kind.create.bind(kind) })
  }
  return kinds
}

function plain(facts: object): object {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      value instanceof Error ? (value.stack ?? value.message) : value,
    ]),
  )
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([
    work.catch(() => undefined),
    new Promise((resolve) => {
      timer = setTimeout(resolve, ms)
    }),
  ])
  clearTimeout(timer)
}
