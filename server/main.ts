/** The control plane: the only place where its parts are put together. */
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Clock } from '../core/clock.ts'
import { HoldfastError } from '../core/errors.ts'
import { DatabaseRefused } from '../db/sqlite/open.ts'
import { SqliteStore } from '../db/sqlite.ts'
import { createAuth } from './auth.ts'
import { Breakers } from './breakers.ts'
import { createChildren } from './children.ts'
import { clientAddress } from './client-address.ts'
import { assertBindable, type Config, parseConfig, withPort } from './config.ts'
import { Demo } from './demo.ts'
import { openShop } from './demo-routes.ts'
import type { Engines } from './engines.ts'
import { Gateway } from './gateway.ts'
import { GatewayProcess } from './gateway-process.ts'
import { createHttp, type PageServer } from './http.ts'
import { publish } from './instance.ts'
import { Journal } from './journal.ts'
import { LIVE_TICK_MS, Live } from './live.ts'
import { LocksLive } from './locks/views.ts'
import { Locks } from './locks.ts'
import { createLog } from './log.ts'
import { Loops } from './loops.ts'
import { controlPlaneMetrics } from './metrics/control-plane.ts'
import { originPolicy } from './origin.ts'
import { hostForUrl } from './outbound/networks.ts'
import { createOutbound } from './outbound.ts'
import { startPages } from './pages.ts'
import { Policies } from './policies.ts'
import { SERVICE_SCOPES } from './principal.ts'
import { Probes } from './probes.ts'
import { Registry } from './registry.ts'
import { prune, pruneJournal } from './retention.ts'
import { installation } from './root.ts'
import { startSagas } from './sagas/wire.ts'
import { secureHeaders } from './security-headers.ts'
import { Bottlenecks } from './telemetry/bottlenecks.ts'
import { LatencyReads } from './telemetry/latency.ts'
import { Telemetry } from './telemetry.ts'

/** From the first signal to the last socket; SIGTERM promises 5 s in total. */
const DRAIN_MS = 2_000
const STOP_MS = 4_700

const clock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
}

async function main(): Promise<void> {
  const startedAt = clock.wall()
  const { root, version } = installation()
  const argv = process.argv.slice(2)
  const wantsLink = argv.includes('--sign-in-link')
  let config = parseConfig(
    process.env,
    argv.filter((argument) => argument !== '--sign-in-link'),
  )
  const log = createLog(config.logLevel)

  const store = new SqliteStore({
    path: config.databasePath,
    migrations: join(root, 'db', 'migrations'),
    clock,
    // A sign-in link may be asked for beside a running control plane.
    exclusive: !wantsLink,
    onFatal(error) {
      // D3: whether the commit took effect is unknown, so nothing may be read or written by this process any more.
      log.fatal({ error }, 'a commit failed; ending at once, to recover from the file at the next start')
      process.exit(70)
    },
  })
  const address = clientAddress(config.trustedProxies)
  const auth = await createAuth({ store, clock, log, config: () => config, clientAddress: address })
  if (wantsLink) {
    console.log(`\n  Sign in: ${config.publicUrl}${await auth.recoveryLink()}\n`)
    await store.close()
    return
  }
  assertBindable(config, await auth.hasAdmin())

  const journal = new Journal(store)
  const stopJournal = await journal.start()
  const registry = new Registry({ store, clock, log })
  const telemetry = new Telemetry({ clock, store })
  const latency = new LatencyReads({ store, clock, groups: telemetry.groups })
  const bottlenecks = new Bottlenecks(telemetry, (id) => registry.snapshot.instances.get(id))
  const live = new Live({ clock, journal, registry, telemetry })
  const loops = new Loops({ clock, log })
  const outbound = createOutbound({ allow: config.outboundAllow, loopbackAllowed: config.loopback, clock, log })
  const probes = new Probes({
    outbound,
    clock,
    random: Math.random,
    log,
    onResult: (id, generation, result) => registry.checked(id, generation, result),
  })
  await registry.start(probes)
  const locks = new Locks({ store, clock, log, instance: (id) => registry.snapshot.instances.get(id) })
  await locks.start()
  const locksLive = new LocksLive(locks, clock)
  const policies = new Policies(store)
  await policies.start()
  const breakers = new Breakers({ store, clock, log, registry, random: Math.random })
  await breakers.start()
  const sagas = await startSagas(
    { store, clock, random: Math.random, log, registry, outbound, breakers, policy: (name) => policies.forSteps(name) },
    loops,
  )
  const gateway = new Gateway({ store, clock, log, registry })
  await gateway.start()
  const children = createChildren({ log, clock })
  const engines: Engines = {
    version,
    config,
    clock,
    log,
    store,
    auth,
    journal,
    registry,
    locks,
    locksLive,
    policies,
    sagas,
    breakers,
    gateway,
    outbound,
    telemetry,
    latency,
    bottlenecks,
    live,
    demo: null,
    startedAt,
  }

  let pages: (PageServer & { close(): Promise<void> }) | null = null
  let gatewayProcess: GatewayProcess | null = null
  let stopping = false
  const metrics = controlPlaneMetrics(engines, { loops, probes, sockets: () => http.sockets() })
  const origins = originPolicy(() => config)
  const http = createHttp({
    engines,
    pages: () => pages,
    metrics: async () => ({ contentType: metrics.contentType, body: await metrics.render() }),
    ready: () => !stopping && pages !== null && journal.head === registry.snapshot.appliedSeq,
    secure: secureHeaders(() => config),
    refuseOrigin: origins.refuse,
    isOriginAllowed: origins.isAllowed,
    handleAuth: auth.handle,
    clientAddress: address,
  })
  await listen(http.server, config)
  const bound = http.server.address()
  if (bound !== null && typeof bound === 'object') config = withPort(config, bound.port)
  engines.config = config
  publish(engines)

  loops.every('sweep', 250, () => registry.sweep())
  loops.every('leases', 50, () => locks.tick())
  loops.every('locks', 250, () => locksLive.tick())
  loops.every('idle locks', 60_000, async () => {
    await locks.forget()
  })
  loops.every('breakers', 125, () => breakers.tick())
  loops.every('gateway', 250, () => gateway.tick())
  loops.every('probes', 50, () => probes.tick())
  loops.every('live', LIVE_TICK_MS, () => live.tick())
  loops.every('flush', 10_000, () => registry.flush())
  loops.every('rollup', 10_000, () => telemetry.rollUp())
  loops.every('forget', 30_000, () => telemetry.forget())
  loops.every('peaks', 5_000, () => bottlenecks.tick(clock.monotonic()))
  loops.every('journal retention', 5_000, async () => {
    await pruneJournal({ store, clock, journal: config.journal })
  })
  loops.every('retention', 60_000, async () => {
    const removed = await prune({ store, clock, journal: config.journal })
    if (removed > 0) log.info({ removed }, 'rows past their keep were removed')
  })
  auth.startLoops(loops)

  const stop = (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    const deadline = setTimeout(() => {
      log.error('stopping took too long; ending anyway, with everything acknowledged on disk')
      process.exit(1)
    }, STOP_MS)
    deadline.unref()
    shutDown()
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        log.error({ error }, 'stopping failed')
        process.exit(1)
      })
  }
  const shutDown = async () => {
    locks.stop()
    await Promise.all([engines.demo?.stop(), gatewayProcess?.stop(), http.close(DRAIN_MS)])
    await children.stop()
    probes.stop()
    sagas.stop()
    await loops.stop()
    await telemetry.rollUp()
    breakers.stop()
    await registry.stop()
    policies.stop()
    gateway.stop()
    stopJournal()
    await store.close()
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))

  pages = await startPages({
    dev: config.dev,
    dir: root,
    hostname: config.host,
    port: config.port,
  })
  log.info({ url: config.publicUrl, readyMs: clock.wall() - startedAt, database: config.databasePath }, 'ready')
  console.log(`\n  Holdfast ${version} is running at ${config.publicUrl}`)
  const link = await auth.ensureFirstLink()
  if (link) console.log(`  Sign in, once, with: ${config.publicUrl}${link}`)
  console.log('')

  let gatewayUrl: string | null = null
  if (config.gateway.workers > 0 && !stopping) {
    gatewayProcess = new GatewayProcess({ config: () => config, auth, log, root, version })
    await gatewayProcess.start()
    const { state } = gatewayProcess
    if (state.phase === 'running') {
      gatewayUrl = `http://${hostForUrl(config.gateway.host)}:${state.hello.port}`
      console.log(`  The gateway takes requests at ${gatewayUrl}\n`)
    }
  }
  if (config.demo && !stopping) {
    const token = await auth.issueToken({
      name: 'demo fleet',
      scopes: SERVICE_SCOPES,
      services: null,
      expiresAt: null,
    })
    const dataDir = join(dirname(config.databasePath), 'demo')
    if (gatewayUrl !== null) await openShop(store)
    const url = config.publicUrl
    engines.demo = new Demo({ children, url, token, root, dev: config.dev, dataDir, gatewayUrl })
  }
}

function listen(server: ReturnType<typeof createHttp>['server'], config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${config.port} on ${config.host} is taken. Stop what uses it, or set HOLDFAST_PORT.`)
          : error,
      )
    })
    server.listen(config.port, config.host, () => resolve())
  })
}

main().catch((error: unknown) => {
  if (error instanceof DatabaseRefused || error instanceof HoldfastError) console.error(`holdfast: ${error.message}`)
  else console.error(error instanceof Error ? `holdfast: ${error.message}\n${error.stack ?? ''}` : error)
  process.exit(1)
})
