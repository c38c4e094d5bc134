/** How customers move through the shop. */
import type { ServiceName } from './roster.ts'
import { field } from './service.ts'

export interface Shop {
  /** asks the storefront; null when no good answer came */
  ask: (path: string, body?: unknown) => Promise<{ status: number; body: unknown } | null>
  /** waits as a person does who reads */
  think: () => Promise<void>
  random: () => number
  ordered: () => void
  lost: () => void
}

export const ENTRANCE: ServiceName = 'storefront'

const SHELVES = ['', 'home', 'kitchen', 'books', 'desk', 'outdoors']
const LOOKS_MAX = 3
const PUTS_IN_CART = 0.55
const CHECKS_OUT = 0.75
const LOOKS_AFTER_ORDER = 0.4
/** one card in forty is one that the bank declines */
const BAD_CARD = 0.025

/** Requests that a visit makes on average when all goes well: what turns a rate of requests into one of visits. */
export const REQUESTS_PER_VISIT =
  1 + (1 + LOOKS_MAX) / 2 + PUTS_IN_CART * (1 + CHECKS_OUT * (1 + (1 - BAD_CARD) * LOOKS_AFTER_ORDER))

/** One customer's visit, from the front page to wherever it ends. */
export async function visit(shop: Shop, name: string): Promise<void> {
  const { ask, think, random } = shop
  const shelf = SHELVES[Math.floor(random() * SHELVES.length)] as string
  const front = await ask(`/?shelf=${shelf}`)
  const skus = skusOf(front?.body)
  if (skus.length === 0) return
  let sku = skus[0] as string
  const looks = 1 + Math.floor(random() * LOOKS_MAX)
  for (let i = 0; i < looks; i++) {
    await think()
    sku = skus[Math.floor(random() * skus.length)] as string
    if (!(await ask(`/products/${sku}`))) return
  }
  if (random() >= PUTS_IN_CART) return
  await think()
  if (!(await ask('/cart', { session: name, sku, quantity: 1 + Math.floor(random() * 2) }))) return
  if (random() >= CHECKS_OUT) return
  await think()
  const card = random() < BAD_CARD ? '4000000000000002' : '4242424242424242'
  const placed = await ask('/checkout', { session: name, customer: name, card })
  if (!placed) return shop.lost()
  if (placed.status !== 201) return
  shop.ordered()
  if (random() >= LOOKS_AFTER_ORDER) return
  await think()
  await ask(`/orders/${String(field(placed.body, 'orderId'))}`)
}

function skusOf(body: unknown): string[] {
  const products = field(body, 'products')
  if (!Array.isArray(products)) return []
  return products.flatMap((product) => {
    const sku = field(product, 'sku')
    return typeof sku === 'string' ? [sku] : []
  })
}
