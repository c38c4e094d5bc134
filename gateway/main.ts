/**
 * The gateway's process. The primary starts the workers, starts those again that die, and listens on a local socket for
 * the control plane that supervises it. It goes on when that goes away: the next one takes it over.
 */
import cluster, { type Worker } from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { fullJitter } from '../core/backoff.ts'
import { Control } from './control.ts'
import { parseSettings, WrongSetting } from './settings.ts'
import { startWorker } from './worker.ts'

const RESTART = { initialDelayMs: 200, maxDelayMs: 10_000, multiplier: 2 }
const STABLE_MS = 10_000
const STOP_MS = 4_000
/** The port is taken, or a setting is wrong: starting again at once would not help. */
export const EXIT_UNUSABLE = 64

if (cluster.isPrimary) primary()
else await worker()

function primary(): void {
  const settings = parse()
  process.title = 'holdfast-gateway'
  // One key for all workers: a try may reach any of them.
  const tryKey = settings.tryKey || randomBytes(24).toString('base64url')
  // Shared sockets leave it to the system who accepts: with one worker nothing has to be handed over.
  cluster.schedulingPolicy = settings.workers === 1 ? cluster.SCHED_NONE : cluster.SCHED_RR
  // What a request leaves behind is collected young, or it is dear. V8 comes to make some of it old from the start, which then
  // keeps the rest of its request: measured, 20% of a busy worker's time for collecting, 15.5k requests/s, and a heap of
  // 94 MB; without that 21.5k and 44 MB, where 4 MB of young space (that stay in the processor's cache) do better than 16.
  // Several threads that collect wait for those that the system has not let run yet: p99 at half load 7 to 10 ms, else 4.
  cluster.setupPrimary({
    execArgv: [
      ...process.execArgv,
      ...['--no-allocation-site-pretenuring', '--max-semi-space-size=4', '--no-parallel-scavenge'],
    ],
  })
  const workers = new Map<number, Worker>()
  const strikes = new Map<number, number>()
  let stopping = false
  let port = settings.port

  const start = (n: number) => {
    const began = performance.now()
    const child = cluster.fork({ HOLDFAST_GATEWAY_WORKER: String(n), HOLDFAST_GATEWAY_TRY_KEY: tryKey })
    workers.set(n, child)
    child.on('message', (message: { listening?: number }) => {
      if (message.listening !== undefined) {
        port = message.listening
        control?.listening(port)
      }
    })
    // A connection could not be handed to it, for it has just died: its exit is told below.
    child.on('error', () => {})
    child.on('exit', (code) => {
      workers.delete(n)
      if (stopping) return
      if (code === EXIT_UNUSABLE) process.exit(EXIT_UNUSABLE)
      const again = performance.now() - began > STABLE_MS ? 0 : (strikes.get(n) ?? 0)
      strikes.set(n, again + 1)
      console.error(`holdfast gateway: worker ${n} ended with ${code}; it is started again`)
      setTimeout(() => stopping || start(n), 100 + fullJitter(RESTART, again, Math.random))
    })
  }
  const stop = () => {
    if (stopping) return
    stopping = true
    const deadline = setTimeout(() => process.exit(1), STOP_MS)
    const ended = [...workers.values()].map(
      (child) => new Promise<void>((resolve) => child.once('exit', () => resolve())),
    )
    for (const child of workers.values()) child.process.kill('SIGTERM')
    Promise.all(ended).then(() => {
      clearTimeout(deadline)
      control?.close()
      process.exit(0)
    })
  }
  const control =
    settings.controlPath === null
      ? null
      : new Control({
          path: settings.controlPath,
          hello: () => ({
            version: settings.version,
            pid: process.pid,
            port,
            host: settings.host,
            workers: settings.workers,
          }),
          onStop: stop,
        })
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // What it says goes where its parent's output went; that nobody reads it any more is no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  for (let n = 1; n <= settings.workers; n++) start(n)
}

async function worker(): Promise<void> {
  const settings = parse()
  const n = Number(process.env.HOLDFAST_GATEWAY_WORKER)
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  try {
    const running = await startWorker(settings, n)
    process.send?.({ listening: running.port })
    let stopping = false
    const stop = () => {
      if (stopping) return
      stopping = true
      running.stop().finally(() => process.exit(0))
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    process.on('disconnect', stop)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      console.error(
        `holdfast gateway: port ${settings.port} on ${settings.host} is taken. Stop what uses it, or set HOLDFAST_GATEWAY_PORT.`,
      )
      process.exit(EXIT_UNUSABLE)
    }
    console.error(`holdfast gateway: ${message}`)
    process.exit(1)
  }
}

function parse() {
  try {
    return parseSettings(process.env)
  } catch (error) {
    console.error(error instanceof WrongSetting ? `holdfast gateway: ${error.message}` : error)
    process.exit(EXIT_UNUSABLE)
  }
}
