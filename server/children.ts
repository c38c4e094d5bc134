/** The child processes of the control plane, supervised and stopped together. */
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import { Child, type ChildSpec, type ChildState } from './children/child.ts'
import type { Log } from './log.ts'
import { type Scheduler, TIMERS } from './loops.ts'

export type { Child, ChildSpec, ChildState }

export interface ChildrenOptions {
  clock: Clock
  log: Log
  random?: Random
  scheduler?: Scheduler
}

export class Children {
  readonly #options: Required<ChildrenOptions>
  readonly #children = new Map<string, Child>()
  #stopping = false

  constructor(options: ChildrenOptions) {
    this.#options = { random: Math.random, scheduler: TIMERS, ...options }
  }

  /** Starts a child and keeps it running. Throws when the name is taken, or everything is being stopped. */
  start(spec: ChildSpec): Child {
    if (this.#stopping) throw new Error(`"${spec.name}" is not started: the children are being stopped`)
    if (this.#children.has(spec.name)) throw new Error(`there is a child "${spec.name}" already`)
    const child = new Child(spec, this.#options)
    this.#children.set(spec.name, child)
    return child
  }

  /** Stops one child for good; nothing happens when there is none of that name. */
  async remove(name: string): Promise<void> {
    const child = this.#children.get(name)
    if (!child) return
    await child.stop()
    if (this.#children.get(name) === child) this.#children.delete(name)
  }

  list(): ChildState[] {
    return [...this.#children.values()].map((child) => child.state)
  }

  /** Stops all of them at the same time; resolves when the last is gone, after its `stopWithinMs` at the latest. */
  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all([...this.#children.values()].map((child) => child.stop()))
  }
}

export function createChildren(options: ChildrenOptions): Children {
  return new Children(options)
}
