/**
 * Time as an input. `monotonic` measures spans and deadlines within one process and never runs backwards;
 * `wall` is for display and for rows that other processes read. Both in milliseconds.
 */
export interface Clock {
  monotonic(): number
  wall(): number
}

/** A clock that moves only when told to: for tests and simulation. */
export class FakeClock implements Clock {
  #monotonic: number
  #wall: number

  constructor(wall = 1_700_000_000_000, monotonic = 0) {
    this.#wall = wall
    this.#monotonic = monotonic
  }

  monotonic(): number {
    return this.#monotonic
  }

  wall(): number {
    return this.#wall
  }

  /** Lets `ms` pass on both clocks. */
  advance(ms: number): void {
    this.#monotonic += ms
    this.#wall += ms
  }

  /** Sets the wall clock off by `ms`, as an administrator or NTP would; no time passes. */
  jumpWall(ms: number): void {
    this.#wall += ms
  }
}
