/** Token buckets by key, in bounded memory. */
import { isIPv6 } from 'node:net'
import type { Clock } from '../core/clock.ts'

export interface RateLimitOptions {
  clock: Clock
  /** calls that may come at once */
  burst: number
  /** milliseconds after which one more call is allowed */
  everyMs: number
  /** keys remembered; beyond, the one longest not seen is forgotten */
  keysMax?: number
}

export type Allowance = { ok: true } | { ok: false; retryAfterMs: number }

const ALLOWED: Allowance = { ok: true }

interface Bucket {
  tokens: number
  at: number
}

export class RateLimit {
  readonly #options: Required<RateLimitOptions>
  /** in the order in which they were last used */
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: RateLimitOptions) {
    this.#options = { keysMax: 10_000, ...options }
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes one call from `key`'s allowance, or says when there is one again. */
  take(key: string): Allowance {
    const { everyMs } = this.#options
    const bucket = this.#refill(key)
    if (bucket.tokens < 1) return { ok: false, retryAfterMs: Math.max(1, Math.ceil((1 - bucket.tokens) * everyMs)) }
    bucket.tokens -= 1
    return ALLOWED
  }

  /** Gives back one call taken, as when it turned out to be right. */
  giveBack(key: string): void {
    const bucket = this.#buckets.get(key)
    if (bucket) bucket.tokens = Math.min(this.#options.burst, bucket.tokens + 1)
  }

  /** Gives `key` its whole allowance again, as after a right password. */
  reset(key: string): void {
    this.#buckets.delete(key)
  }

  #refill(key: string): Bucket {
    const { clock, burst, everyMs, keysMax } = this.#options
    const now = clock.monotonic()
    const before = this.#buckets.get(key)
    const bucket = before
      ? { tokens: Math.min(burst, before.tokens + (now - before.at) / everyMs), at: now }
      : { tokens: burst, at: now }
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > keysMax) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    return bucket
  }
}

/**
 * The key of a peer's address: IPv4 whole, IPv6 by its first 64 bits, since one customer commands a whole such network.
 * An IPv4 address written as IPv6 counts as IPv4.
 */
export function addressKey(address: string): string {
  const plain = address.replace(/%.*$/, '').toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)
  if (mapped) return mapped[1] as string
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
