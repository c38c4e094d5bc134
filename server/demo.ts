/** The demo fleet as the control plane sees it: one child process, the director, that runs all the others. */
import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConflictError, NotFoundError, ServiceUnavailableError, TimeoutError } from '../core/errors.ts'
import type { Action, DemoStatus, DirectorCommand, DirectorEvent, InstanceStatus } from '../demo/messages.ts'
import type { Log } from './log.ts'

export type { Action, DemoStatus, InstanceStatus }
export type { LoadPoint, LoadStatus, Mode } from '../demo/messages.ts'

export interface DemoOptions {
  /** where the fleet reaches the control plane */
  url: string
  /** a service token that may register, report and read */
  token: string
  log: Log
  /** folder for the fleet's own files */
  dir?: string
}

const ANSWER_WITHIN_MS = 5_000
/** The director stops its fleet in less than 3 s; past this it is killed, and its fleet ends by itself. */
const STOP_WITHIN_MS = 3_500
const AGAIN_MIN_MS = 1_000
const AGAIN_MAX_MS = 30_000

interface Waiting {
  resolve: (instance: InstanceStatus) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

export class Demo {
  readonly #options: DemoOptions
  readonly #waiting = new Map<number, Waiting>()
  readonly #watchers = new Set<() => void>()
  #director: ChildProcess | null = null
  #status: DemoStatus | null = null
  #nextId = 1
  #againMs = AGAIN_MIN_MS
  #again: NodeJS.Timeout | null = null
  #stopping = false

  constructor(options: DemoOptions) {
    this.#options = options
    this.#start()
  }

  /** The fleet as last told, at most about a second old. @throws ServiceUnavailableError while it starts */
  list(): DemoStatus {
    if (this.#status === null) {
      throw new ServiceUnavailableError('The demo fleet is starting; ask again in a moment.', { retryAfterMs: 1_000 })
    }
    return this.#status
  }

  /**
   * Does something to one instance; resolves when it has begun.
   * @throws NotFoundError, ConflictError when it makes no sense now, ServiceUnavailableError, TimeoutError
   */
  act(instance: string, action: Action): Promise<InstanceStatus> {
    const director = this.#director
    if (!director?.connected) {
      return Promise.reject(
        new ServiceUnavailableError('The demo fleet is starting again; try in a moment.', { retryAfterMs: 2_000 }),
      )
    }
    return new Promise((resolve, reject) => {
      const id = this.#nextId++
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new TimeoutError(`The demo fleet did not answer within ${ANSWER_WITHIN_MS} ms.`))
      }, ANSWER_WITHIN_MS)
      this.#waiting.set(id, { resolve, reject, timer })
      director.send({ type: 'act', id, instance, action } satisfies DirectorCommand, (error) => {
        if (error) this.#settle(id)?.reject(new ServiceUnavailableError('The demo fleet has just stopped.'))
      })
    })
  }

  /** The status now and at every change. A reader that lags behind gets the newest, not every one. */
  async *watch(signal: AbortSignal): AsyncGenerator<DemoStatus, void, undefined> {
    let wake = () => {}
    let changed = this.#status !== null
    const watcher = () => {
      changed = true
      wake()
    }
    this.#watchers.add(watcher)
    signal.addEventListener('abort', watcher)
    try {
      while (!signal.aborted && !this.#stopping) {
        if (!changed) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        changed = false
        if (this.#status !== null && !signal.aborted) yield this.#status
      }
    } finally {
      this.#watchers.delete(watcher)
      signal.removeEventListener('abort', watcher)
    }
  }

  /** Stops the whole fleet; resolves when it is gone, within 3.5 s. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#again) clearTimeout(this.#again)
    this.#tell()
    const director = this.#director
    if (!director || director.exitCode !== null || director.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => director.kill('SIGKILL'), STOP_WITHIN_MS)
      director.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      director.kill('SIGTERM')
    })
  }

  #start(): void {
    const { url, token, dir, log } = this.#options
    const path = fileURLToPath(new URL(`../demo/director${extname(fileURLToPath(import.meta.url))}`, import.meta.url))
    const director = fork(path, [], {
      env: { ...process.env, HOLDFAST_URL: url, HOLDFAST_TOKEN: token, ...(dir ? { HOLDFAST_DEMO_DIR: dir } : {}) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#director = director
    log.info({ director: director.pid }, 'the demo fleet is starting')
    director.on('message', (event: DirectorEvent) => this.#heard(event))
    let over = false
    const ended = (how: unknown): void => {
      if (over) return
      over = true
      this.#ended(director, how)
    }
    director.on('exit', (code, signal) => ended(signal ?? code))
    director.on('error', (error) => {
      if (director.pid === undefined) ended(error.message)
    })
  }

  #heard(event: DirectorEvent): void {
    switch (event.type) {
      case 'status':
        this.#status = event.status
        this.#againMs = AGAIN_MIN_MS
        this.#tell()
        break
      case 'acted':
        this.#settle(event.id)?.resolve(event.instance)
        break
      case 'refused': {
        const refused = event.code === 'NOT_FOUND' ? NotFoundError : ConflictError
        this.#settle(event.id)?.reject(new refused(event.message))
        break
      }
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    if (waiting) {
      this.#waiting.delete(id)
      clearTimeout(waiting.timer)
    }
    return waiting
  }

  #ended(director: ChildProcess, how: unknown): void {
    if (this.#director !== director) return
    this.#director = null
    this.#status = null
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id)?.reject(new ServiceUnavailableError('The demo fleet has just stopped.'))
    }
    if (this.#stopping) return
    this.#options.log.warn({ how, againMs: this.#againMs }, 'the director of the demo fleet has ended; it is started again')
    this.#again = setTimeout(() => this.#start(), this.#againMs)
    this.#againMs = Math.min(AGAIN_MAX_MS, this.#againMs * 2)
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

/** Starts the demo fleet. */
export function createDemo(options: DemoOptions): Demo {
  return new Demo(options)
}
