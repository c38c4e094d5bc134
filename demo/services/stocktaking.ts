/**
 * Counting what is on the shelves: several instances want to, one at a time may count a product, and its count is written
 * with the lock's fencing token, so that one who stood still for too long writes nothing any more.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { LockError } from '@holdfast/sdk'
import type { Surroundings, Task } from '../service.ts'

/** The products that everybody wants to count. */
const POPULAR = ['mug-01', 'lamp-01']
const COUNT_MS = [250, 1_100] as const

export function stocktaking({ place, database, locks, random }: Surroundings): Task {
  database.exec(`
    CREATE TABLE IF NOT EXISTS count (
      sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL, by TEXT NOT NULL, fence INTEGER NOT NULL
    )
  `)
  const products = database.prepare<[], { sku: string }>('SELECT sku FROM product ORDER BY sku').all()
  const popular = POPULAR.filter((sku) => products.some((product) => product.sku === sku))
  const skus = popular.length > 0 ? popular : products.slice(0, 3).map(({ sku }) => sku)
  // The check at the resource: whoever comes with an older token than the last one changes no row.
  const claim = database.prepare(`
    INSERT INTO count VALUES (@sku, 0, @by, @fence)
    ON CONFLICT (sku) DO UPDATE SET by = excluded.by, fence = excluded.fence WHERE count.fence <= excluded.fence
  `)
  const write = database.prepare(`
    UPDATE count SET quantity = (SELECT quantity FROM product WHERE product.sku = count.sku)
    WHERE sku = @sku AND fence <= @fence
  `)
  return {
    everyMs: 400,
    async run() {
      const sku = skus[Math.floor(random() * skus.length)]
      if (sku === undefined) return
      const options = { ttlMs: 5_000, waitMs: 6_000, label: place.id }
      try {
        await locks.lock(`stock/${sku}`, options, async ({ fencingToken, signal }) => {
          if (claim.run({ sku, by: place.id, fence: fencingToken }).changes === 0) return
          const [shortest, longest] = COUNT_MS
          await wait(shortest + random() * (longest - shortest), undefined, { signal, ref: false })
          write.run({ sku, fence: fencingToken })
        })
      } catch (error) {
        // Held for too long, lost, or taken away by an operator: counted another time.
        const named = error instanceof Error && (error instanceof LockError || error.name === 'AbortError')
        if (!named) throw error
      }
    },
  }
}
