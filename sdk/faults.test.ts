import { beforeEach, describe, expect, test } from 'vitest'
import { ForbiddenError, ServiceUnavailableError } from '../core/errors.ts'
import type { Fault } from '../core/gateway/fault.ts'
import type { Connection, SubscriptionHandlers } from './connection.ts'
import { Events } from './events.ts'
import { FakeTime } from './fake-time.ts'
import { CallFaults } from './faults.ts'

class FakeConnection {
  isOpen = true
  readonly open: { service: string; handlers: SubscriptionHandlers }[] = []

  subscribe(path: string, input: unknown, _: undefined, handlers: SubscriptionHandlers): () => void {
    expect(path).toBe('gateway.faults.watch')
    const one = { service: (input as { data: { service: string } }).data.service, handlers }
    this.open.push(one)
    return () => {
      this.open.splice(this.open.indexOf(one), 1)
    }
  }

  /** `now`: the control plane's clock, which may be years from ours */
  tell(now: number, ...faults: Fault[]): void {
    this.open.at(-1)?.handlers.data({ now, faults }, undefined)
  }
}

let time: FakeTime
let connection: FakeConnection
let random: number
beforeEach(() => {
  time = new FakeTime()
  connection = new FakeConnection()
  random = 0
})

const following = (service: string | null = 'orders') =>
  new CallFaults(
    {
      connection: connection as unknown as Connection,
      time,
      random: () => random,
      events: new Events(undefined),
    },
    service,
  )
const fault = (change: Partial<Fault> = {}): Fault => ({
  id: 'fault_1',
  target: { caller: 'orders', callee: 'payments' },
  share: 1,
  delayMs: 300,
  abortStatus: null,
  reason: 'a drill',
  by: 'user:ada',
  startedAt: 0,
  expiresAt: 60_000,
  ...change,
})

describe('faults on the calls of a service', () => {
  test('are asked for at the first call, once, by the name of the service', () => {
    const faults = following()
    expect(connection.open).toEqual([])
    expect(faults.strike('payments')).toBeNull()
    expect(faults.strike('payments')).toBeNull()
    expect(connection.open.map(({ service }) => service)).toEqual(['orders'])
  })

  test('are none for a process that is no service', () => {
    expect(following(null).strike('payments')).toBeNull()
    expect(connection.open).toEqual([])
  })

  test('strike the edge they are on, and their share of it', () => {
    const faults = following()
    faults.strike('payments')
    connection.tell(0, fault({ share: 0.25 }))
    random = 0.24
    expect(faults.strike('payments')).toEqual({ delayMs: 300, abort: null })
    expect(faults.strike('inventory')).toBeNull()
    random = 0.25
    expect(faults.strike('payments')).toBeNull()
  })

  test('add up; the first that answers does', () => {
    const faults = following()
    faults.strike('payments')
    const aborting = fault({ id: 'fault_2', delayMs: 50, abortStatus: 503 })
    connection.tell(0, fault(), aborting, fault({ id: 'fault_3', delayMs: 0, abortStatus: 500 }))
    expect(faults.strike('payments')).toEqual({ delayMs: 350, abort: aborting })
  })

  test('are over at their end, whatever the clocks say and although nobody tells', () => {
    const faults = following()
    faults.strike('payments')
    const year = 365 * 86_400_000
    connection.tell(year, fault({ expiresAt: year + 5_000 }))
    connection.isOpen = false
    faults.connectionClosed()
    time.advance(4_999)
    expect(faults.strike('payments')).not.toBeNull()
    time.advance(1)
    expect(faults.strike('payments')).toBeNull()
  })

  test('are asked for again when the connection is back, and what it tells replaces what was known', () => {
    const faults = following()
    faults.strike('payments')
    connection.tell(0, fault())
    connection.open.splice(0)
    faults.connectionClosed()
    expect(faults.strike('payments')).not.toBeNull()
    faults.connectionOpened()
    connection.tell(0)
    expect(faults.strike('payments')).toBeNull()
  })

  test('a stream that ends is opened again after a while; one that is forbidden is not', () => {
    const faults = following()
    faults.strike('payments')
    const end = (error: ServiceUnavailableError | ForbiddenError) => connection.open.splice(0)[0]?.handlers.ended(error)
    end(new ServiceUnavailableError('too many streams'))
    expect(connection.open).toHaveLength(0)
    time.advance(30_000)
    expect(connection.open).toHaveLength(1)
    end(new ForbiddenError('this token may not'))
    time.advance(300_000)
    expect(connection.open).toHaveLength(0)
    expect(time.waiting).toBe(0)
  })

  test('end with the connection for good', () => {
    const faults = following()
    faults.strike('payments')
    connection.tell(0, fault())
    faults.close()
    expect(connection.open).toEqual([])
    expect(faults.strike('payments')).toBeNull()
  })
})
