/** The demo fleet as the control plane sees it: one child process, the director, that runs all the others. */
import { join } from 'node:path'
import { ConflictError, NotFoundError, ServiceUnavailableError, TimeoutError } from '../core/errors.ts'
import type { Action, DemoStatus, DirectorCommand, DirectorEvent, InstanceStatus } from '../demo/messages.ts'
import type { Child, Children } from './children.ts'

export type { LoadPoint, LoadStatus, Mode } from '../demo/messages.ts'
export type { Action, DemoStatus, InstanceStatus }

export interface DemoOptions {
  children: Children
  /** where the fleet reaches the control plane */
  url: string
  /** a service token that may register, report and read */
  token: string
  /** the folder of the installation */
  root: string
  /** true while the sources run as they are, not compiled */
  dev: boolean
  /** folder for the fleet's own files */
  dataDir: string
  /** where customers come in; null: straight to the services */
  gatewayUrl: string | null
}

export interface Deadlocking {
  /** who waits for whom */
  instances: string[]
  locks: string[]
}

const NAME = 'demo'
const ANSWER_WITHIN_MS = 5_000
/** The director stops its fleet in less than 3 s. */
const STOP_WITHIN_MS = 3_500

interface Waiting {
  resolve: (answer: unknown) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

export class Demo {
  readonly #children: Children
  readonly #director: Child
  readonly #waiting = new Map<number, Waiting>()
  readonly #watchers = new Set<() => void>()
  #status: DemoStatus | null = null
  #nextId = 1
  #stopping = false

  constructor({ children, url, token, root, dev, dataDir, gatewayUrl }: DemoOptions) {
    this.#children = children
    this.#director = children.start({
      name: NAME,
      script: dev ? join(root, 'demo', 'director.ts') : join(root, 'dist', 'demo', 'director.js'),
      env: {
        HOLDFAST_URL: url,
        HOLDFAST_TOKEN: token,
        HOLDFAST_DEMO_DIR: dataDir,
        HOLDFAST_DEMO_GATEWAY: gatewayUrl ?? '',
      },
      stopWithinMs: STOP_WITHIN_MS,
      onMessage: (message) => this.#heard(message as DirectorEvent),
      onState: ({ phase }) => {
        if (phase === 'waiting' || phase === 'stopped') this.#gone()
      },
    })
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
    return this.#ask((id) => ({ type: 'act', id, instance, action }))
  }

  /**
   * Two instances take the same two locks in opposite order; resolves when they have been told to.
   * @throws ConflictError, ServiceUnavailableError, TimeoutError
   */
  deadlock(): Promise<Deadlocking> {
    return this.#ask((id) => ({ type: 'deadlock', id }))
  }

  #ask<T>(command: (id: number) => DirectorCommand): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const id = this.#nextId++
      if (!this.#director.send(command(id))) {
        reject(
          new ServiceUnavailableError('The demo fleet is starting again; try in a moment.', { retryAfterMs: 2_000 }),
        )
        return
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new TimeoutError(`The demo fleet did not answer within ${ANSWER_WITHIN_MS} ms.`))
      }, ANSWER_WITHIN_MS)
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject, timer })
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
    this.#tell()
    await this.#children.remove(NAME)
  }

  #heard(event: DirectorEvent): void {
    switch (event.type) {
      case 'status':
        this.#status = event.status
        this.#tell()
        break
      case 'acted':
        this.#settle(event.id)?.resolve(event.instance)
        break
      case 'deadlocking':
        this.#settle(event.id)?.resolve({ instances: event.instances, locks: event.locks } satisfies Deadlocking)
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

  #gone(): void {
    this.#status = null
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id)?.reject(new ServiceUnavailableError('The demo fleet has just stopped.', { retryAfterMs: 2_000 }))
    }
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}
