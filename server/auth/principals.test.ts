import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Principal, SYSTEM } from '../principal.ts'
import { type Known, Principals } from './principals.ts'

function known(id: string, more: Partial<Known> = {}): Known {
  const principal: Principal = { ...SYSTEM, kind: 'token', id }
  return {
    principal,
    keys: [`token/${id}`],
    sessionId: null,
    endsAt: null,
    idleMs: null,
    seenAt: 0,
    storedAt: 0,
    ...more,
  }
}

describe('the cache of principals', () => {
  it('is bounded, and forgets the one longest not used', () => {
    const cache = new Principals(100)
    for (let i = 0; i < 1_000; i++) {
      cache.add(`hash ${i}`, known(`${i}`))
      if (i > 0) expect(cache.get('hash 0')).not.toBeNull()
    }
    expect(cache.size).toBe(100)
    expect(cache.get('hash 1')).toBeNull()
    expect(cache.get('hash 999')).not.toBeNull()
  })

  it('never forgets one whose connections it would have to close', async () => {
    const cache = new Principals(10)
    const connected = known('connected')
    cache.add('connected', connected)
    let told = 0
    const stop = cache.listen(connected.principal, () => told++)
    for (let i = 0; i < 100; i++) cache.add(`hash ${i}`, known(`${i}`))
    expect(cache.get('connected')).toBe(connected)
    expect(cache.size).toBe(11)
    cache.end('token/connected')
    await turn()
    expect(told).toBe(1)
    expect(connected.principal.active).toBe(false)
    expect(cache.size).toBe(10)
    stop()
    cache.end('token/connected')
    await turn()
    expect(told).toBe(1)
  })

  it('takes one back that was forgotten before its connection was known', async () => {
    const cache = new Principals(1)
    const early = known('early')
    cache.add('early', early)
    cache.add('late', known('late'))
    expect(cache.get('early')).toBeNull()
    let told = 0
    cache.listen(early.principal, () => told++)
    cache.end('token/early')
    await turn()
    expect(told).toBe(1)
  })

  it('tells at once who listens too late, and nobody who stopped listening', async () => {
    const cache = new Principals()
    const one = known('one')
    cache.add('one', one)
    let told = 0
    cache.listen(one.principal, () => told++)()
    cache.end('token/one')
    await turn()
    expect(told).toBe(0)
    cache.listen(one.principal, () => told++)
    await turn()
    expect(told).toBe(1)
  })

  it('ends all sessions of a user with the user, and one alone', () => {
    const cache = new Principals()
    const [a, b, c] = ['a', 'b', 'c'].map((id) =>
      known(id, { keys: [id === 'c' ? 'user/2' : 'user/1', `session/${id}`] }),
    )
    for (const [i, entry] of [a, b, c].entries()) cache.add(`${i}`, entry as Known)
    cache.end('session/a')
    expect([a, b, c].map((entry) => entry?.principal.active)).toEqual([false, true, true])
    cache.end('user/1')
    expect([a, b, c].map((entry) => entry?.principal.active)).toEqual([false, false, true])
    expect(cache.size).toBe(1)
  })

  it('sweeps out what has expired or was idle too long, but for what is connected', () => {
    const cache = new Principals()
    const expired = known('expired', { endsAt: 1_000 })
    const idle = known('idle', { idleMs: 1_000 })
    const connected = known('connected', { idleMs: 1_000 })
    for (const entry of [expired, idle, connected]) cache.add(entry.principal.id, entry)
    cache.listen(connected.principal, () => {})
    expect(cache.sweep(999, 500)).toEqual([connected])
    expect(cache.size).toBe(3)
    expect(cache.sweep(1_000, 500)).toEqual([connected])
    expect([expired, idle, connected].map((entry) => entry.principal.active)).toEqual([false, false, true])
  })
})
