/**
 * A rate limit in one number: the generic cell rate algorithm (ITU-T I.371, virtual scheduling). `tat` is the theoretical
 * arrival time of the next request that is exactly on time.
 */
export interface Rate {
  /** milliseconds between requests that keep exactly to the limit */
  everyMs: number
  /** requests at once after a quiet time, at least 1 */
  burst: number
}

export function rateOf(requests: number, perMs: number, burst: number | null): Rate {
  return { everyMs: perMs / requests, burst: burst ?? requests }
}

/** Does a request at `now` conform? `tat` before; the new one goes with a yes, how long to wait with a no. */
export function conforms(rate: Rate, tat: number, now: number): { tat: number } | { waitMs: number } {
  const begin = Math.max(tat, now)
  const early = begin - now - (rate.burst - 1) * rate.everyMs
  // Sums of fractions: a request exactly on time must not fail by their last bit.
  if (early > 1e-6) return { waitMs: early }
  return { tat: begin + rate.everyMs }
}

/** How many more would conform at `now`. */
export function remaining(rate: Rate, tat: number, now: number): number {
  return Math.max(0, Math.floor(rate.burst - Math.max(0, tat - now) / rate.everyMs + 1e-6))
}
