/** What customers talk to. Carts are its own; products and orders are asked of those who know. */
import { type CreateService, field, notFound, positive, type Reply, text } from '../service.ts'

/** The front page may show products that are this old when the inventory does not answer. */
const STALE_FOR_MS = 60_000
const CART_FOR_MS = 5 * 60_000

export const storefront: CreateService = ({ database, call, now }) => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS cart (
      session TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (session, sku)
    );
    CREATE INDEX IF NOT EXISTS cart_at ON cart (at);
  `)
  const put = database.prepare(`
    INSERT INTO cart VALUES (?, ?, ?, ?)
    ON CONFLICT (session, sku) DO UPDATE SET quantity = quantity + excluded.quantity, at = excluded.at
  `)
  const cart = database.prepare<[string], { sku: string; quantity: number }>(
    'SELECT sku, quantity FROM cart WHERE session = ? LIMIT 20',
  )
  const empty = database.prepare('DELETE FROM cart WHERE session = ?')
  const prune = database.prepare('DELETE FROM cart WHERE at < ?')

  const shown = new Map<string, { at: number; products: unknown }>()

  async function front(shelf: string): Promise<Reply> {
    let failure: Reply | null = null
    try {
      const answer = await call('inventory', `/products?shelf=${encodeURIComponent(shelf)}`)
      if (answer.status < 300) {
        const products = field(answer.body, 'products')
        if (shown.size < 32) shown.set(shelf, { at: now(), products })
        return { status: 200, body: { products, stale: false } }
      }
      failure = { status: 502, body: { error: `The inventory answered ${answer.status}.` } }
    } catch (error) {
      failure = unreachable(error)
    }
    const last = shown.get(shelf)
    if (last && now() - last.at < STALE_FOR_MS) return { status: 200, body: { products: last.products, stale: true } }
    return failure
  }

  async function passOn(asked: Promise<Reply>): Promise<Reply> {
    try {
      return await asked
    } catch (error) {
      return unreachable(error)
    }
  }

  return {
    async handle({ method, path: [what, key], query, body }) {
      if (method === 'GET' && what === undefined) return front(query.get('shelf') ?? '')
      if (method === 'GET' && what === 'products' && key !== undefined) {
        return passOn(call('inventory', `/products/${encodeURIComponent(key)}`))
      }
      if (method === 'POST' && what === 'cart') {
        put.run(text(body, 'session'), text(body, 'sku'), positive(body, 'quantity'), now())
        return { status: 200, body: { items: cart.all(text(body, 'session')) } }
      }
      if (method === 'POST' && what === 'checkout') {
        const session = text(body, 'session')
        const items = cart.all(session)
        if (items.length === 0) return { status: 409, body: { error: 'The cart is empty.' } }
        const order = { customer: text(body, 'customer'), card: text(body, 'card'), items }
        const placed = await passOn(call('orders', '/orders', { body: order, timeoutMs: 4_000, idempotent: false }))
        if (placed.status === 201) empty.run(session)
        return placed
      }
      if (method === 'GET' && what === 'orders' && key !== undefined) {
        return passOn(call('orders', `/orders/${encodeURIComponent(key)}`))
      }
      return notFound
    },
    tasks: [{ everyMs: 10_000, run: () => void prune.run(now() - CART_FOR_MS) }],
  }
}

function unreachable(error: unknown): Reply {
  return { status: 503, body: { error: error instanceof Error ? error.message : 'a service could not be reached' } }
}
