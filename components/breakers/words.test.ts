import { describe, expect, it } from 'vitest'
import type { BreakerTile } from '@/core/breaker-view'
import { matches, ordered, shown } from './words'

const tile = (name: string, change: Partial<BreakerTile> = {}) =>
  ({ name, service: null, instance: null, effective: 'closed', override: null, panic: false, ...change }) as BreakerTile
const override = { mode: 'forced-open', by: 'user:ada', reason: 'x', since: 0, expiresAt: null } as const

describe('breakers on the page', () => {
  it('an operator’s decision is shown as one, and what is not as usual comes first', () => {
    expect(shown(tile('a', { effective: 'open', override }))).toEqual({ state: 'operator', word: 'forced open' })
    expect(shown(tile('a', { effective: 'half-open' }))).toEqual({ state: 'half-open', word: 'half-open' })
    const all = [tile('b'), tile('a'), tile('z', { effective: 'open' }), tile('y', { override })]
    expect(ordered(all)).toEqual(['y', 'z', 'a', 'b'])
  })
  it('is found by name, service and state', () => {
    const open = tile('charge', { service: 'payments', effective: 'open' })
    expect(matches(open, { q: 'PAY', show: 'not-closed' })).toBe(true)
    expect(matches(tile('x'), { q: '', show: 'not-closed' })).toBe(false)
    expect(matches(open, { q: '', show: 'overridden' })).toBe(false)
  })
})
