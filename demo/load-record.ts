import type { LoadEvent, LoadPoint, LoadStatus } from './messages.ts'
import { dayOf, WAVE } from './wave.ts'

/** Two minutes, one point a second. */
const KEEP = 120

const DAY = dayOf(WAVE, 96)

/** What the load generator has told of the last minutes; survives its restarts. */
export class LoadRecord {
  #points: LoadPoint[] = []
  #hour = WAVE.startHour
  /** of the generators that have ended */
  #before = { orders: 0, lostOrders: 0 }
  #latest = { orders: 0, lostOrders: 0 }

  take({ point, hour, orders, lostOrders }: LoadEvent): void {
    if (orders < this.#latest.orders || lostOrders < this.#latest.lostOrders) {
      this.#before.orders += this.#latest.orders
      this.#before.lostOrders += this.#latest.lostOrders
    }
    this.#latest = { orders, lostOrders }
    this.#hour = hour
    this.#points.push(point)
    if (this.#points.length > KEEP) this.#points = this.#points.slice(-KEEP)
  }

  status(pid: number | null): LoadStatus {
    return {
      pid,
      running: pid !== null,
      hour: this.#hour,
      dayMs: WAVE.dayMs,
      day: DAY,
      orders: this.#before.orders + this.#latest.orders,
      lostOrders: this.#before.lostOrders + this.#latest.lostOrders,
      points: this.#points,
    }
  }
}
