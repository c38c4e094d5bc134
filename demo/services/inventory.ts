/** Stock on the shelves. Orders set stock aside and give it back; deliveries fill the shelves again. */
import { type CreateService, type Item, items, notFound, positive, type Reply } from '../service.ts'
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
      orderId INTEGER PRIMARY KEY, items TEXT NOT NULL, state TEXT NOT NULL, totalCents INTEGER NOT NULL, at INTEGER NOT NULL
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
  const find = database.prepare<[number], { items: string; state: string; totalCents: number }>(
    'SELECT items, state, totalCents FROM reservation WHERE orderId = ?',
  )
  const add = database.prepare('INSERT INTO reservation VALUES (?, ?, ?, ?, ?)')
  const release = database.prepare("UPDATE reservation SET state = 'released' WHERE orderId = ? AND state = 'held'")
  const deliver = database.prepare('UPDATE product SET quantity = quantity + ? WHERE quantity < ?')
  const prune = database.prepare(
    'DELETE FROM reservation WHERE orderId <= (SELECT orderId FROM reservation ORDER BY orderId DESC LIMIT 1 OFFSET ?)',
  )

  class OutOfStock extends Error {}

  const reserve = database.transaction((orderId: number, wanted: Item[]): Reply => {
    const known = find.get(orderId)
    if (known?.state === 'held') return { status: 200, body: { orderId, totalCents: known.totalCents } }
    // The order was given up while this request was under way: its stock must not be taken after all.
    if (known) return { status: 409, body: { error: `Order ${orderId} has been given up.` } }
    let totalCents = 0
    for (const { sku, quantity } of wanted) {
      const product = bySku.get(sku)
      if (!product || take.run(quantity, sku, quantity).changes === 0) throw new OutOfStock(product?.name ?? sku)
      totalCents += product.priceCents * quantity
    }
    add.run(orderId, JSON.stringify(wanted), 'held', totalCents, now())
    return { status: 201, body: { orderId, totalCents } }
  })

  const giveUp = database.transaction((orderId: number): Reply => {
    const known = find.get(orderId)
    if (!known) add.run(orderId, '[]', 'released', 0, now())
    else if (release.run(orderId).changes === 1) {
      for (const { sku, quantity } of JSON.parse(known.items) as Item[]) giveBack.run(quantity, sku)
    }
    return { status: 200, body: { orderId, state: 'released' } }
  })

  return {
    handle({ method, path: [what, key], query, body }) {
      if (method === 'GET' && what === 'products' && key === undefined) {
        return { status: 200, body: { products: search.all(query.get('q') ?? '', query.get('shelf') ?? '') } }
      }
      if (method === 'GET' && what === 'products' && key !== undefined) {
        const product = bySku.get(key)
        if (!product) return notFound
        return { status: 200, body: { product, beside: beside.all(product.shelf, key) } }
      }
      if (method === 'POST' && what === 'reservations' && key === undefined) {
        try {
          return reserve.immediate(positive(body, 'orderId'), items(body))
        } catch (error) {
          if (error instanceof OutOfStock) return { status: 409, body: { error: `${error.message} is out of stock.` } }
          throw error
        }
      }
      if (method === 'POST' && what === 'releases') return giveUp.immediate(positive(body, 'orderId'))
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
  }
}
