/** Stock on the shelves. Orders set stock aside and give it back; deliveries fill the shelves again. */
import { type SagaContext, StepRefusedError, type Undoing } from '@holdfast/sdk'
import type { Order } from '../place-order.ts'
import { type CreateService, type Item, items, notFound, type Reply } from '../service.ts'
import { PRODUCTS } from './products.ts'
import { stocktaking } from './stocktaking.ts'

const LOW = 60
const DELIVERY = 240
const KEEP_RESERVATIONS = 3_000

interface ProductRow {
  sku: string
  name: string
  shelf: string
  priceCents: number
  quantity: number
}

export const inventory: CreateService = (surroundings) => {
  const { database, now } = surroundings
  database.exec(`
    CREATE TABLE IF NOT EXISTS product (
      sku TEXT PRIMARY KEY, name TEXT NOT NULL, shelf TEXT NOT NULL, priceCents INTEGER NOT NULL,
      quantity INTEGER NOT NULL CHECK (quantity >= 0)
    );
    CREATE TABLE IF NOT EXISTS reservation (
      key TEXT PRIMARY KEY, orderId INTEGER NOT NULL, items TEXT NOT NULL, state TEXT NOT NULL, totalCents INTEGER NOT NULL,
      at INTEGER NOT NULL
    );
  `)
  const stock = database.prepare('INSERT OR IGNORE INTO product VALUES (?, ?, ?, ?, ?)')
  database
    .transaction(() => {
      for (const [sku, name, shelf, priceCents] of PRODUCTS) stock.run(sku, name, shelf, priceCents, DELIVERY)
    })
    .immediate()

  const search = database.prepare<[string, string], ProductRow>(
    "SELECT * FROM product WHERE name LIKE '%' || ? || '%' AND shelf LIKE ? || '%' ORDER BY quantity DESC LIMIT 12",
  )
  const bySku = database.prepare<[string], ProductRow>('SELECT * FROM product WHERE sku = ?')
  const beside = database.prepare<[string, string], ProductRow>(
    'SELECT * FROM product WHERE shelf = ? AND sku <> ? LIMIT 4',
  )
  const take = database.prepare('UPDATE product SET quantity = quantity - ? WHERE sku = ? AND quantity >= ?')
  const giveBack = database.prepare('UPDATE product SET quantity = quantity + ? WHERE sku = ?')
  const find = database.prepare<[string], { items: string }>(
    "SELECT items FROM reservation WHERE key = ? AND state = 'held'",
  )
  const add = database.prepare("INSERT INTO reservation VALUES (?, ?, ?, 'held', ?, ?)")
  const release = database.prepare("UPDATE reservation SET state = 'released' WHERE key = ? AND state = 'held'")
  const deliver = database.prepare('UPDATE product SET quantity = quantity + ? WHERE quantity < ?')
  const prune = database.prepare(
    'DELETE FROM reservation WHERE rowid <= (SELECT rowid FROM reservation ORDER BY rowid DESC LIMIT 1 OFFSET ?)',
  )

  /** What is wanted, with prices; the name of what there is not enough of instead. */
  function priced(wanted: readonly Item[]): { totalCents: number } | { lacking: string } {
    let totalCents = 0
    for (const { sku, quantity } of wanted) {
      const product = bySku.get(sku)
      if (!product || product.quantity < quantity) return { lacking: product?.name ?? sku }
      totalCents += product.priceCents * quantity
    }
    return { totalCents }
  }

  const reserve = database.transaction(({ orderId, items: wanted }: Order, key: string): { totalCents: number } => {
    const price = priced(wanted)
    if ('lacking' in price) throw new StepRefusedError('OUT_OF_STOCK', `${price.lacking} is out of stock.`)
    // The same product may be in an order twice.
    for (const { sku, quantity } of wanted) {
      if (take.run(quantity, sku, quantity).changes === 0) {
        throw new StepRefusedError('OUT_OF_STOCK', `${sku} is out of stock.`)
      }
    }
    add.run(key, orderId, JSON.stringify(wanted), price.totalCents, now())
    return price
  })

  const giveUp = database.transaction((key: string): void => {
    const held = find.get(key)
    if (!held || release.run(key).changes === 0) return
    for (const { sku, quantity } of JSON.parse(held.items) as Item[]) giveBack.run(quantity, sku)
  })

  return {
    handle({ method, path: [what, key], query, body }): Reply {
      if (method === 'GET' && what === 'products' && key === undefined) {
        return { status: 200, body: { products: search.all(query.get('q') ?? '', query.get('shelf') ?? '') } }
      }
      if (method === 'GET' && what === 'products' && key !== undefined) {
        const product = bySku.get(key)
        if (!product) return notFound
        return { status: 200, body: { product, beside: beside.all(product.shelf, key) } }
      }
      if (method === 'POST' && what === 'quotes') {
        const price = priced(items(body))
        if ('lacking' in price) return { status: 409, body: { error: `${price.lacking} is out of stock.` } }
        return { status: 200, body: price }
      }
      return notFound
    },
    tasks: [
      {
        everyMs: 5_000,
        run() {
          deliver.run(DELIVERY, LOW)
          prune.run(KEEP_RESERVATIONS)
        },
      },
      // Two people count in each warehouse.
      stocktaking(surroundings),
      stocktaking(surroundings),
    ],
    work: {
      'reserve-stock': {
        do: (order: Order, ctx: SagaContext) => ctx.once(() => reserve(order, ctx.doKey)),
        undo: (_done: Undoing, ctx: SagaContext) => ctx.once(() => giveUp(ctx.doKey)),
      },
    },
  }
}
