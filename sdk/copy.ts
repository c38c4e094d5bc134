import type { Instance } from '../core/instance.ts'
import { RegistrySnapshot } from '../core/snapshot.ts'
import type { WatchMessage } from './api.ts'
import type { FreshnessSource } from './discovered.ts'
import type { Time } from './time.ts'

/** How long a list that a restored control plane no longer knows is kept, so that its owners can register again. */
export const RESTORED_GRACE_MS = 30_000

/**
 * A local copy of some services: a snapshot, then the tail. It never forgets by itself: cut off, it keeps what it has
 * and says how old that is.
 */
export class Copy implements FreshnessSource {
  readonly services: readonly string[] | 'all'
  readonly #snapshot = new RegistrySnapshot()
  readonly #time: Time
  /** how long the control plane has been silent; null while the tail does not run */
  readonly #silenceMs: () => number
  #seq = 0
  #head = 0
  #ready = false
  #live = false
  #completeAt = 0
  /** services that the newest snapshot no longer has, kept for a while */
  readonly #kept = new Map<string, { instances: readonly Instance[]; until: number }>()

  constructor(services: readonly string[] | 'all', time: Time, silenceMs: () => number) {
    this.services = services
    this.#time = time
    this.#silenceMs = silenceMs
  }

  /** A snapshot has been seen: there is something to serve. */
  get ready(): boolean {
    return this.#ready
  }

  /** The cursor to go on from. */
  get cursor(): string | undefined {
    return this.#ready ? String(this.#seq) : undefined
  }

  get appliedSeq(): number {
    return this.#seq
  }

  get headSeq(): number {
    return Math.max(this.#head, this.#seq)
  }

  /**
   * 0 while the tail runs over a connection that has lately been heard; else the time since then. A silent peer is
   * asked after a while, so what is heard "lately" is bounded by `freshMs`.
   */
  get staleMs(): number {
    if (!this.#ready) return Number.POSITIVE_INFINITY
    if (!this.#live) return this.#time.monotonic() - this.#completeAt
    const silence = this.#silenceMs()
    return silence <= FRESH_MS ? 0 : silence
  }

  of(service: string): readonly Instance[] {
    const current = this.#snapshot.of(service)
    if (current.length > 0 || this.#kept.size === 0) return current
    const kept = this.#kept.get(service)
    if (!kept) return current
    if (this.#time.monotonic() < kept.until) return kept.instances
    this.#kept.delete(service)
    return current
  }

  serviceNames(): string[] {
    return this.#snapshot.serviceNames()
  }

  /** Applies a message; returns the services it touched, `null` for possibly all. */
  apply(message: WatchMessage): ReadonlySet<string> | null {
    this.#live = true
    if (message.type === 'events') {
      const touched = new Set<string>()
      for (const event of message.events) {
        if (!this.#snapshot.apply(event)) continue
        if (event.service !== null) {
          touched.add(event.service)
          this.#kept.delete(event.service)
        }
      }
      this.#advance(message.seq, message.seq)
      return touched
    }
    this.#replace(message)
    return null
  }

  /** The head of the journal as told by some other answer. */
  noteHead(seq: number): void {
    if (seq > this.#head) this.#head = seq
  }

  /** The tail runs again from the cursor; what was missed follows at once. */
  resume(): void {
    this.#live = this.#ready
  }

  /** The tail stopped: from here on the copy ages. */
  pause(): void {
    if (!this.#live) return
    this.#live = false
    this.#completeAt = this.#time.monotonic() - this.#silenceMs()
  }

  #replace(message: Extract<WatchMessage, { type: 'snapshot' }>): void {
    // A journal that went backwards is another one: a restored backup or a new database. Its owners will register again
    // within a heartbeat; a list that is suddenly empty for that reason alone is not believed at once.
    const head = Math.max(message.headSeq ?? 0, message.seq)
    const restored = this.#ready && head < this.#seq
    const before = restored ? this.#snapshot.serviceNames().map((name) => [name, this.#snapshot.of(name)] as const) : []
    this.#snapshot.reset(message.seq, message.instances, message.services)
    this.#kept.clear()
    for (const [name, instances] of before) {
      if (this.#snapshot.of(name).length > 0) continue
      this.#kept.set(name, { instances, until: this.#time.monotonic() + RESTORED_GRACE_MS })
    }
    this.#ready = true
    this.#seq = message.seq
    this.#head = head
  }

  #advance(seq: number, head: number): void {
    if (seq > this.#seq) this.#seq = seq
    if (head > this.#head) this.#head = head
  }
}

/** Silence that is still usual on an idle connection: it is asked for a sign of life every 2.5 s. */
const FRESH_MS = 3_500
