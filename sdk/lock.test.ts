/** What locks do when answers are lost, by a connection that follows a script. */
import { describe, expect, test } from 'vitest'
import { NetworkError, TimeoutError } from '../core/errors.ts'
import type { LockGrant } from './api.ts'
import type { Connection } from './connection.ts'
import { Events } from './events.ts'
import { FakeTime } from './fake-time.ts'
import { Locks } from './lock.ts'

type Data = Record<string, unknown>
type Answer = (data: Data) => unknown

function scripted(answers: Record<string, Answer>) {
  const time = new FakeTime()
  const calls: { path: string; data: Data }[] = []
  const link = {
    isOpen: true,
    async call(path: string, { data }: { data: Data }) {
      if (!link.isOpen) throw new NetworkError('There is no connection.')
      calls.push({ path, data })
      return answers[path]?.(data)
    },
    subscribe: () => () => {},
  }
  const locks = new Locks({
    connection: link as unknown as Connection,
    time,
    events: new Events(),
    instance: () => null,
    service: 'shop',
    requestTimeoutMs: 1_000,
  })
  const of = (path: string) => calls.filter((call) => call.path === path).map(({ data }) => data)
  return { time, link, locks, of }
}

const grant = ({ lockId, ttlMs }: Data): Partial<LockGrant> => ({
  lockId: lockId as string,
  fencingToken: 7,
  ttlMs: ttlMs as number,
  waitedMs: 0,
})
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('an acquisition without an answer', () => {
  test('is given back at once while there is a connection', async () => {
    const { locks, of } = scripted({
      'locks.acquire': () => {
        throw new TimeoutError('No answer.')
      },
    })
    await expect(locks.acquire('a', {})).rejects.toBeInstanceOf(TimeoutError)
    expect(of('locks.release')).toEqual([{ resource: 'a', lockId: of('locks.acquire')[0]?.lockId }])
  })

  test('is given back when the connection is there again, the newest thousand of them', async () => {
    const { locks, link, of } = scripted({
      'locks.acquire': () => {
        link.isOpen = false
        throw new NetworkError('It broke.')
      },
    })
    for (let i = 0; i < 1_100; i++) {
      link.isOpen = true
      await expect(locks.acquire(`r${i}`, {})).rejects.toBeInstanceOf(NetworkError)
    }
    link.isOpen = true
    locks.connectionOpened()
    await settled()
    expect(of('locks.release')).toHaveLength(1_000)
    expect(of('locks.release').map(({ resource }) => resource)).toContain('r1099')
  })

  test('is none when it was never sent', async () => {
    const { locks, link, of } = scripted({})
    link.isOpen = false
    await expect(locks.acquire('a', {})).rejects.toBeInstanceOf(NetworkError)
    link.isOpen = true
    locks.connectionOpened()
    await settled()
    expect(of('locks.release')).toEqual([])
  })
})

test('near the longest time that it may be held, a lease ends here before it ends there', async () => {
  const { locks, time, of } = scripted({
    'locks.acquire': grant,
    // The control plane ends it 4 s from now, whatever the TTL.
    'locks.renew': ({ leases }) => ({
      leases: (leases as Data[]).map(({ lockId }) => ({ lockId, ok: true, leftMs: 4_000, message: null })),
    }),
  })
  const lease = await locks.acquire('a', { ttlMs: 9_000, maxHoldMs: 9_000 })
  time.advance(5_000)
  await settled()
  expect(of('locks.renew').length).toBeGreaterThan(0)
  expect(lease.held).toBe(true)
  time.advance(3_000)
  expect(lease.held).toBe(false)
})
