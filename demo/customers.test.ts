import { describe, expect, it } from 'vitest'
import { REQUESTS_PER_VISIT, type Shop, visit } from './customers.ts'

function shop(answers: (path: string) => { status: number; body: unknown } | null) {
  const asked: string[] = []
  const count = { ordered: 0, lost: 0 }
  // multiples of an irrational number fill [0, 1) evenly, and the same way every time
  let x = 0.5
  const its: Shop = {
    ask: async (path) => {
      asked.push(path)
      return answers(path)
    },
    think: async () => undefined,
    random: () => {
      x = (x * 3.9999 * (1 - x)) % 1
      return (2 / Math.PI) * Math.asin(Math.sqrt(x))
    },
    ordered: () => void count.ordered++,
    lost: () => void count.lost++,
  }
  return { its, asked, count }
}

const fine = (path: string) => {
  if (path.startsWith('/?')) return { status: 200, body: { products: [{ sku: 'a' }, { sku: 'b' }] } }
  return { status: path === '/checkout' ? 201 : 200, body: { orderId: 7 } }
}

describe('a visit', () => {
  it('makes as many requests on average as the rate of visits is reckoned with', async () => {
    const { its, asked, count } = shop(fine)
    for (let i = 0; i < 20_000; i++) await visit(its, `c${i}`)
    expect(asked.length / 20_000).toBeGreaterThan(REQUESTS_PER_VISIT * 0.93)
    expect(asked.length / 20_000).toBeLessThan(REQUESTS_PER_VISIT * 1.07)
    expect(count.ordered).toBeGreaterThan(0)
    expect(count.lost).toBe(0)
  })

  it('ends where the shop fails, and an order that fails is lost', async () => {
    const dark = shop(() => null)
    await visit(dark.its, 'c')
    expect(dark.asked).toHaveLength(1)
    const tills = shop((path) => (path === '/checkout' ? null : fine(path)))
    for (let i = 0; i < 50; i++) await visit(tills.its, `c${i}`)
    expect(tills.count.ordered).toBe(0)
    expect(tills.count.lost).toBe(tills.asked.filter((path) => path === '/checkout').length)
    expect(tills.count.lost).toBeGreaterThan(0)
  })
})
