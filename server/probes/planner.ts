/** Which target is due when. Plans that a change has made void are recognised and skipped. */
import type { CheckSpec } from '../../core/instance.ts'
import type { Random } from '../../core/random.ts'
import { DueHeap } from './heap.ts'
import { FirstChecks, gridAfter } from './schedule.ts'

export interface Planned {
  spec: { id: string; check: CheckSpec }
  /** changes with every plan; a plan of another epoch is void */
  epoch: number
  dueAt: number
  /** has been looked at */
  seen: boolean
}

export interface Plan<T> {
  dueAt: number
  epoch: number
  target: T
}

export class Planner<T extends Planned> {
  readonly #random: Random
  readonly #first = new FirstChecks()
  #heap = new DueHeap<Plan<T>>()
  #epochs = 0
  /** intervals left out because the look before took longer */
  skipped = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** When a new target is to be looked at first. One that is replaced before that keeps its place, so that it takes no other's. */
  firstAt(spec: Planned['spec'], before: Planned | undefined, now: number): number {
    return before?.seen === false ? before.dueAt : this.#first.dueAt(spec.id, spec.check.intervalMs, now, this.#random)
  }

  /** Plans a look at `target.dueAt`. `live`: how many targets there are. */
  plan(target: T, live: number): void {
    target.epoch = ++this.#epochs
    this.#heap.push({ dueAt: target.dueAt, epoch: target.epoch, target })
    if (this.#heap.size > 1_024 + 2 * live) this.#sweep()
  }

  /** Plans the look after one that began at `begun`. */
  planNext(target: T, begun: number, now: number, live: number): void {
    const { id, check } = target.spec
    // Half an interval on: the next point of the grid even after jitter, and none right after a first or an asked look.
    const from = Math.min(target.dueAt, begun) + check.intervalMs / 2
    const next = gridAfter(id, check.intervalMs, from, this.#random)
    const missed = Math.max(0, Math.floor((now - next) / check.intervalMs))
    this.skipped += missed
    target.dueAt = next + missed * check.intervalMs
    target.seen = true
    this.plan(target, live)
  }

  /** Makes the plans of a target void. */
  forget(target: T): void {
    target.epoch = 0
  }

  isValid(plan: Plan<T>): boolean {
    return plan.epoch === plan.target.epoch
  }

  /** The next plan that is due, until there is none. O(log n). */
  takeDue(now: number): Plan<T> | undefined {
    for (let plan = this.#heap.peek(); plan && plan.dueAt <= now; plan = this.#heap.peek()) {
      this.#heap.pop()
      if (this.isValid(plan)) return plan
    }
    return undefined
  }

  /** Void plans stay until they are due; with long intervals and many replacements they would pile up. */
  #sweep(): void {
    const old = this.#heap
    this.#heap = new DueHeap()
    for (let plan = old.pop(); plan; plan = old.pop()) if (this.isValid(plan)) this.#heap.push(plan)
  }
}
