/** A partner's shop that looks up stock by the gateway's second route, and is held to a rate. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Entrance } from './entrance.ts'

const SHELVES = ['home', 'kitchen', 'books', 'desk', 'outdoors']
const EVERY_MS = 600
/** Once in a while it asks for everything at once, and hears of its limit. */
const SWEEP_EVERY = 50
const SWEEP = 30

/** Never ends. What it is refused it asks for again the next time. */
export async function partner(ask: Entrance): Promise<never> {
  for (let turn = 0; ; turn++) {
    await wait(EVERY_MS)
    const shelves = turn % SWEEP_EVERY === SWEEP_EVERY - 1 ? SWEEP : 1
    const asked = Array.from({ length: shelves }, (_, i) =>
      ask(`/api/stock/products?shelf=${SHELVES[(turn + i) % SHELVES.length]}`, { timeoutMs: 3_000, idempotent: true }),
    )
    await Promise.allSettled(asked)
  }
}
