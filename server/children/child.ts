/** One supervised child process: started again whenever it ends, with growing pauses, until it is stopped. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { type BackoffConfig, fullJitter } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Log } from '../log.ts'
import type { Scheduler } from '../loops.ts'
import { Lines } from './lines.ts'

export type ChildSpec = {
  /** unique among the children, and in every log line */
  name: string
  args?: readonly string[]
  /** added to this process's environment; undefined removes a variable */
  env?: Readonly<Record<string, string | undefined>>
  cwd?: string
  /** from SIGTERM to SIGKILL, milliseconds; 2,000 by default */
  stopWithinMs?: number
  onMessage?: (message: unknown) => void
  onState?: (state: ChildState) => void
} & (
  | {
      /** a Node script; it has an IPC channel and must end on `disconnect`, so that it never outlives its parent */
      script: string
      execArgv?: readonly string[]
    }
  | { /** any program */ command: string }
)

export type ChildLife =
  | { phase: 'starting'; since: number }
  | { phase: 'running'; pid: number; since: number }
  | { phase: 'waiting'; since: number; restartAt: number; why: string }
  | { phase: 'stopping'; pid: number; since: number }
  | { phase: 'stopped'; since: number }

export type ChildState = ChildLife & {
  name: string
  /** times it was started again */
  restarts: number
  /** ends in a row before it had run for `STABLE_MS` */
  strikes: number
  /** `CRASH_LOOP_STRIKES` or more of them */
  crashLooping: boolean
}

export interface Surroundings {
  clock: Clock
  log: Log
  random: Random
  scheduler: Scheduler
}

export const RESTART: BackoffConfig = { initialDelayMs: 500, maxDelayMs: 30_000, multiplier: 2 }
/** Full jitter may draw next to nothing; a child that dies at once must not spin. */
const RESTART_MIN_MS = 100
/** Having run this long, an end is news and not part of a crash loop. */
const STABLE_MS = 10_000
export const CRASH_LOOP_STRIKES = 3
const STOP_WITHIN_MS = 2_000
const LINE_MAX = 8_192
/** Credentials of the control plane itself, which no child needs. */
const WITHHELD = ['HOLDFAST_ADMIN_TOKEN'] as const

export class Child {
  readonly #spec: ChildSpec
  readonly #with: Surroundings
  readonly #log: Log
  #process: ChildProcess | null = null
  #life: ChildLife
  #restarts = 0
  #strikes = 0
  #timer: unknown = null
  #stopped: Promise<void> | null = null

  constructor(spec: ChildSpec, surroundings: Surroundings) {
    this.#spec = spec
    this.#with = surroundings
    this.#log = surroundings.log.child({ child: spec.name })
    this.#life = { phase: 'starting', since: this.#with.clock.wall() }
    this.#start()
  }

  get state(): ChildState {
    const { name } = this.#spec
    const crashLooping = this.#strikes >= CRASH_LOOP_STRIKES
    return { ...this.#life, name, restarts: this.#restarts, strikes: this.#strikes, crashLooping }
  }

  /** Sends a message over IPC; false when there is nobody to take it now. */
  send(message: object): boolean {
    const child = this.#process
    if (!child?.connected) return false
    // A failure here is the channel closing; the end of the process follows and is handled there.
    child.send(message, () => {})
    return true
  }

  #become(life: ChildLife): void {
    this.#life = life
    this.#spec.onState?.(this.state)
  }

  #start(): void {
    const begun = this.#with.clock.monotonic()
    this.#become({ phase: 'starting', since: this.#with.clock.wall() })
    const child = launch(this.#spec)
    this.#process = child
    let ended = false
    const end = (why: string) => {
      if (ended) return
      ended = true
      this.#ended(child, why, this.#with.clock.monotonic() - begun)
    }
    child.once('spawn', () => {
      const pid = child.pid as number
      this.#log.info({ childPid: pid, restarts: this.#restarts }, 'child started')
      if (this.#life.phase === 'starting') this.#become({ phase: 'running', pid, since: this.#with.clock.wall() })
    })
    child.on('error', (error) => {
      // Also told when a signal or message could not be delivered; only a failed start is an end.
      if (child.pid === undefined) end(`could not be started: ${error.message}`)
      else this.#log.warn({ err: error }, 'child error')
    })
    child.once('exit', (code, signal) => end(signal ? `ended by ${signal}` : `ended with code ${code}`))
    const { onMessage } = this.#spec
    if (onMessage) child.on('message', onMessage)
    this.#tellLines(child, 'stdout')
    this.#tellLines(child, 'stderr')
  }

  #tellLines(child: ChildProcess, stream: 'stdout' | 'stderr'): void {
    const level = stream === 'stdout' ? 'info' : 'warn'
    const lines = new Lines(LINE_MAX, (line) => this.#log[level]({ stream }, line))
    child[stream]?.on('data', (chunk: Buffer) => lines.write(chunk))
    child[stream]?.once('end', () => lines.end())
    child[stream]?.on('error', () => {})
  }

  #ended(child: ChildProcess, why: string, ranMs: number): void {
    // Whatever it left behind in its group ends with it.
    signalGroup(child, 'SIGKILL')
    this.#process = null
    const { clock, random, scheduler } = this.#with
    if (this.#stopped) {
      this.#log.info({ why }, 'child stopped')
      this.#become({ phase: 'stopped', since: clock.wall() })
      return
    }
    this.#strikes = ranMs >= STABLE_MS ? 1 : this.#strikes + 1
    const waitMs = Math.max(RESTART_MIN_MS, fullJitter(RESTART, this.#strikes - 1, random))
    const facts = { why, ranMs: Math.round(ranMs), restartInMs: Math.round(waitMs), strikes: this.#strikes }
    if (this.#strikes >= CRASH_LOOP_STRIKES)
      this.#log.error(facts, 'child ends again and again; it is started again all the same')
    else this.#log.warn(facts, 'child ended; it is started again')
    this.#timer = scheduler.set(() => {
      this.#restarts += 1
      this.#start()
    }, waitMs)
    const since = clock.wall()
    this.#become({ phase: 'waiting', since, restartAt: since + waitMs, why })
  }

  /** SIGTERM, and SIGKILL to it and all it started when it takes too long. Resolves when it is gone. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    const { clock, scheduler } = this.#with
    scheduler.clear(this.#timer)
    const child = this.#process
    if (!child || child.pid === undefined) {
      this.#become({ phase: 'stopped', since: clock.wall() })
      return
    }
    this.#become({ phase: 'stopping', pid: child.pid, since: clock.wall() })
    await new Promise<void>((resolve) => {
      const kill = scheduler.set(() => {
        this.#log.warn('child did not stop in time; it is killed')
        signalGroup(child, 'SIGKILL')
      }, this.#spec.stopWithinMs ?? STOP_WITHIN_MS)
      child.once('exit', () => {
        scheduler.clear(kill)
        resolve()
      })
      child.kill('SIGTERM')
    })
  }
}

function launch(spec: ChildSpec): ChildProcess {
  const env = { ...process.env, ...spec.env }
  for (const name of WITHHELD) if (spec.env?.[name] === undefined) delete env[name]
  const common = {
    env,
    // A group of its own: a Ctrl-C at the terminal reaches the control plane alone, which stops its children in order, and
    // what a child has started can be ended with it.
    detached: process.platform !== 'win32',
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
  }
  const args = [...(spec.args ?? [])]
  if ('command' in spec) return spawn(spec.command, args, { ...common, stdio: ['ignore', 'pipe', 'pipe'] })
  return fork(spec.script, args, {
    ...common,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [...(spec.execArgv ?? process.execArgv)],
  })
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch (error) {
    // ESRCH: nobody is left. EPERM: macOS says so of a group of zombies.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
