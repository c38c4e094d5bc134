/** Backoff policies: what operators have set, who follows which, and changes as they come. */
import type { JournalEvent } from '../core/event.ts'
import { BUILT_IN, type EffectivePolicy, effectivePolicy, type Policy } from '../core/policy.ts'
import type { Store } from '../db/store.ts'

/** A process that retries by a policy, for as long as it follows it. */
export interface PolicyUser {
  actor: string
  /** null: a caller that is not registered */
  instance: string | null
}

export interface PolicyView extends EffectivePolicy {
  name: string
  description: string
  builtIn: boolean
  /** what was set in the control plane; null: everything comes from code */
  stored: Policy | null
  users: PolicyUser[]
}

/** What a follower is told: all that is stored of what it asked for, each time some of it changes. */
export interface PolicyMessage {
  seq: number
  policies: Policy[]
}

/** Users named in a view; the rest is only counted by their number. */
const USERS_SHOWN = 200

interface Follower extends PolicyUser {
  /** null: all */
  names: ReadonlySet<string> | null
  pending: boolean
  wake: (() => void) | null
}

const PREFIX = 'policy/'

export class Policies {
  readonly #store: Store
  readonly #stored = new Map<string, Policy>()
  readonly #followers = new Set<Follower>()
  readonly #byName = new Map<string, Set<Follower>>()
  #seq = 0
  #stop: (() => void) | null = null

  constructor(store: Store) {
    this.#store = store
  }

  /** Loads what is committed; must run before the first reader. */
  async start(): Promise<void> {
    this.#stop = this.#store.journal.onCommit((events) => {
      for (const event of events) this.#apply(event)
    })
    const loaded = await this.#store.read(async (tx) => ({ seq: await tx.head(), all: await tx.q.policies.list() }))
    if (loaded.seq < this.#seq) return
    this.#seq = loaded.seq
    this.#stored.clear()
    for (const policy of loaded.all) this.#stored.set(policy.name, policy)
  }

  stop(): void {
    this.#stop?.()
    for (const follower of this.#followers) follower.wake?.()
  }

  get appliedSeq(): number {
    return this.#seq
  }

  get followers(): number {
    return this.#followers.size
  }

  /** Everything in force by name: built-in and stored, and what is only followed. */
  list(): PolicyView[] {
    const names = new Set([...Object.keys(BUILT_IN), ...this.#stored.keys(), ...this.#byName.keys()])
    return [...names].sort((a, b) => (a < b ? -1 : 1)).map((name) => this.view(name))
  }

  has(name: string): boolean {
    return Object.hasOwn(BUILT_IN, name) || this.#stored.has(name) || this.#byName.has(name)
  }

  view(name: string): PolicyView {
    const stored = this.#stored.get(name) ?? null
    const builtIn = Object.hasOwn(BUILT_IN, name)
    return {
      name,
      description: stored?.description || (builtIn ? (BUILT_IN[name]?.description ?? '') : ''),
      builtIn,
      stored,
      ...effectivePolicy(name, stored?.values),
      users: this.#usersOf(name),
    }
  }

  /** The delays of a policy as a saga's step counts them; null when there is no policy of that name. */
  forSteps(name: string) {
    if (!this.has(name)) return null
    const { initialDelayMs, multiplier, maxDelayMs, maxRetries } = this.view(name).policy
    return { initialDelayMs, multiplier, maxDelayMs, maxAttempts: maxRetries + 1 }
  }

  /** Follows `names` until the signal ends it: what is stored now, then again at every change of it. */
  async *follow(options: {
    names: readonly string[] | null
    user: PolicyUser
    signal: AbortSignal
    ready?: (() => Promise<void>) | undefined
  }): AsyncGenerator<PolicyMessage, void, undefined> {
    const { user, signal, ready } = options
    const names = options.names === null ? null : new Set(options.names)
    const follower: Follower = { ...user, names, pending: true, wake: null }
    const wake = () => follower.wake?.()
    this.#add(follower)
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted && this.#stop !== null) {
        if (!follower.pending) {
          await new Promise<void>((resolve) => {
            follower.wake = resolve
          })
          follower.wake = null
          continue
        }
        if (ready) await ready()
        follower.pending = false
        const policies = [...this.#stored.values()].filter((p) => names === null || names.has(p.name))
        yield { seq: this.#seq, policies }
      }
    } finally {
      signal.removeEventListener('abort', wake)
      this.#delete(follower)
    }
  }

  #usersOf(name: string): PolicyUser[] {
    const users: PolicyUser[] = []
    for (const { actor, instance } of this.#byName.get(name) ?? []) {
      if (users.length >= USERS_SHOWN) break
      users.push({ actor, instance })
    }
    return users
  }

  #apply(event: JournalEvent): void {
    if (event.seq <= this.#seq) return
    this.#seq = event.seq
    if (!event.key.startsWith(PREFIX)) return
    const name = event.key.slice(PREFIX.length)
    if (event.value === null) this.#stored.delete(name)
    else this.#stored.set(name, event.value as Policy)
    for (const follower of this.#followers) {
      if (follower.names !== null && !follower.names.has(name)) continue
      follower.pending = true
      follower.wake?.()
    }
  }

  #add(follower: Follower): void {
    this.#followers.add(follower)
    for (const name of follower.names ?? []) {
      const users = this.#byName.get(name)
      if (users) users.add(follower)
      else this.#byName.set(name, new Set([follower]))
    }
  }

  #delete(follower: Follower): void {
    this.#followers.delete(follower)
    for (const name of follower.names ?? []) {
      const users = this.#byName.get(name)
      users?.delete(follower)
      if (users?.size === 0) this.#byName.delete(name)
    }
  }
}
