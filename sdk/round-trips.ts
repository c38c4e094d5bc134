/** The shortest TCP connect to each address of late: what is known of the network where an upstream says nothing of itself. */
import type { Socket } from 'node:net'
import { WindowedMin } from '../core/windowed-min.ts'

/** Kept sockets rarely connect, so the window is long. */
const WINDOW_MS = 10 * 60_000
/** Past so many, the address that was first seen longest ago is forgotten. */
const ADDRESSES_MAX = 2_000

export class RoundTrips {
  readonly #least = new Map<string, WindowedMin>()

  /** Times the connecting of a socket that has just begun to. Looking up its name is not part of the round trip. */
  watch(address: string, socket: Socket, begunMs: number): void {
    let from = begunMs
    socket.once('lookup', () => {
      from = performance.now()
    })
    socket.once('connect', () => {
      const now = performance.now()
      this.add(address, now - from, now)
    })
  }

  add(address: string, roundTripMs: number, now: number): void {
    let least = this.#least.get(address)
    if (!least) {
      if (this.#least.size >= ADDRESSES_MAX) this.#least.delete(this.#least.keys().next().value as string)
      least = new WindowedMin(WINDOW_MS, now)
      this.#least.set(address, least)
    }
    least.add(roundTripMs, now)
  }

  /** Milliseconds; null: no connect in the window. */
  floor(address: string, now: number): number | null {
    return this.#least.get(address)?.get(now) ?? null
  }
}
