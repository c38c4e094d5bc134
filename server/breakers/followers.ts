/** Who is told of changes: callers of the rules of the names they use, at once; pages of tiles, at most 8 times a second. */
import type { BreakerRule, BreakerTile, BreakerWatchMessage } from '../../core/breaker-view.ts'

export interface FollowOptions {
  /** null: all */
  names: ReadonlySet<string> | null
  signal: AbortSignal
  ready?: (() => Promise<void>) | undefined
}

interface Follower {
  names: ReadonlySet<string> | null
  dirty: Set<string>
  wake: (() => void) | null
}

export interface Source {
  seq(): number
  wall(): number
  names(): Iterable<string>
  rule(name: string): BreakerRule | null
  tile(name: string): BreakerTile | null
}

export class Followers {
  readonly #source: Source
  readonly #byName = new Map<string, Set<Follower>>()
  readonly #all = new Set<Follower>()
  readonly #pages = new Set<() => void>()

  constructor(source: Source) {
    this.#source = source
  }

  /** Tells callers that the rule of a breaker has changed. */
  changed(name: string): void {
    for (const follower of this.#all) notify(follower, name)
    const followers = this.#byName.get(name)
    if (followers) for (const follower of followers) notify(follower, name)
  }

  /** Lets pages look for what has changed. */
  tick(): void {
    if (this.#pages.size === 0) return
    const waiting = [...this.#pages]
    this.#pages.clear()
    for (const wake of waiting) wake()
  }

  async *rules(options: FollowOptions): AsyncGenerator<BreakerWatchMessage, void, undefined> {
    const { names, signal } = options
    const follower: Follower = { names, dirty: new Set(), wake: null }
    this.#add(follower)
    const abort = () => follower.wake?.()
    signal.addEventListener('abort', abort)
    try {
      let rules = this.#rules(names ?? this.#source.names())
      yield { type: 'rules', seq: this.#source.seq(), full: true, rules }
      while (!signal.aborted) {
        if (options.ready) await options.ready()
        if (signal.aborted) return
        if (follower.dirty.size === 0) {
          await new Promise<void>((resolve) => {
            follower.wake = resolve
          })
          follower.wake = null
          continue
        }
        rules = this.#rules(follower.dirty)
        follower.dirty = new Set()
        yield { type: 'rules', seq: this.#source.seq(), full: false, rules }
      }
    } finally {
      signal.removeEventListener('abort', abort)
      this.#delete(follower)
    }
  }

  async *tiles(options: FollowOptions): AsyncGenerator<BreakerWatchMessage, void, undefined> {
    const { signal } = options
    let wake = () => {}
    const abort = () => wake()
    signal.addEventListener('abort', abort)
    let sent = new Map<string, BreakerTile>()
    let full = true
    try {
      while (!signal.aborted) {
        const now = new Map<string, BreakerTile>()
        const tiles: BreakerTile[] = []
        for (const name of options.names ?? this.#source.names()) {
          const tile = this.#source.tile(name)
          if (!tile) continue
          now.set(name, tile)
          if (sent.get(name) !== tile) tiles.push(tile)
        }
        const removed = [...sent.keys()].filter((name) => !now.has(name))
        sent = now
        if (full || tiles.length + removed.length > 0) {
          yield { type: 'tiles', seq: this.#source.seq(), now: this.#source.wall(), full, tiles, removed }
          full = false
        }
        await new Promise<void>((resolve) => {
          wake = resolve
          this.#pages.add(resolve)
        })
        if (options.ready) await options.ready()
      }
    } finally {
      signal.removeEventListener('abort', abort)
      this.#pages.delete(wake)
    }
  }

  #rules(names: Iterable<string>): BreakerRule[] {
    const rules: BreakerRule[] = []
    for (const name of names) {
      const rule = this.#source.rule(name)
      if (rule) rules.push(rule)
    }
    return rules
  }

  #add(follower: Follower): void {
    if (follower.names === null) this.#all.add(follower)
    else {
      for (const name of follower.names) {
        const set = this.#byName.get(name)
        if (set) set.add(follower)
        else this.#byName.set(name, new Set([follower]))
      }
    }
  }

  #delete(follower: Follower): void {
    this.#all.delete(follower)
    for (const name of follower.names ?? []) {
      const set = this.#byName.get(name)
      set?.delete(follower)
      if (set?.size === 0) this.#byName.delete(name)
    }
  }
}

function notify(follower: Follower, name: string): void {
  follower.dirty.add(name)
  follower.wake?.()
}
