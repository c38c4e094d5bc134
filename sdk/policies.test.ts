import { beforeEach, describe, expect, test } from 'vitest'
import { ForbiddenError, ServiceUnavailableError, ValidationError } from '../core/errors.ts'
import type { Policy, PolicyValues } from '../core/policy.ts'
import type { Connection, SubscriptionHandlers } from './connection.ts'
import { Events, type HoldfastEvent } from './events.ts'
import { FakeTime } from './fake-time.ts'
import { PolicyCopy } from './policies.ts'

/** The one method of a connection that is used here. */
class FakeConnection {
  isOpen = true
  readonly open: { names: string[] | 'all'; instance: string | null; handlers: SubscriptionHandlers }[] = []

  subscribe(path: string, input: unknown, _: undefined, handlers: SubscriptionHandlers): () => void {
    expect(path).toBe('policies.watch')
    const { names, instance } = (input as { data: { names: string[] | 'all'; instance: string | null } }).data
    const one = { names, instance, handlers }
    this.open.push(one)
    return () => {
      this.open.splice(this.open.indexOf(one), 1)
    }
  }

  tell(...policies: Policy[]): void {
    this.open.at(-1)?.handlers.data({ seq: 1, policies }, undefined)
  }
}

let time: FakeTime
let connection: FakeConnection
let events: HoldfastEvent[]
beforeEach(() => {
  time = new FakeTime()
  connection = new FakeConnection()
  events = []
})

const stored = (name: string, values: PolicyValues): Policy => ({
  name,
  description: '',
  values,
  version: 1,
  updatedAt: 0,
  updatedBy: 'user:ada',
  reason: 'test',
})
const copy = (code: Record<string, PolicyValues> = {}) =>
  new PolicyCopy(
    {
      connection: connection as unknown as Connection,
      time,
      random: () => 0.5,
      events: new Events((event) => events.push(event)),
    },
    code,
    () => 'orders-1',
  )
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('policies by name', () => {
  test('code holds until the control plane is heard, then what it says, live, in one subscription', async () => {
    const policies = copy({ mine: { maxRetries: 7 } })
    expect([policies.rule('mine'), policies.rule('gentle')].map((r) => r.policy.maxRetries)).toEqual([7, 3])
    await turn()
    expect(connection.open).toMatchObject([{ names: ['mine', 'gentle'], instance: 'orders-1' }])
    connection.tell(stored('mine', { maxRetries: 1 }))
    expect(policies.rule('mine').policy.maxRetries).toBe(1)
    expect(policies.effective('mine').sources.maxRetries).toBe('stored')
    connection.tell()
    expect(policies.rule('mine').policy.maxRetries).toBe(7)
  })

  test('a name used later is followed too, and the subscription before it ends', async () => {
    const policies = copy()
    policies.rule('gentle')
    await turn()
    policies.rule('eager')
    await turn()
    expect(connection.open.map((s) => s.names)).toEqual([['gentle', 'eager']])
  })

  test('away, the last values hold; back, they are asked for again', async () => {
    const policies = copy()
    policies.rule('gentle')
    await turn()
    connection.tell(stored('gentle', { maxRetries: 9 }))
    connection.isOpen = false
    connection.open.length = 0
    policies.connectionClosed()
    expect(policies.rule('gentle').policy.maxRetries).toBe(9)
    policies.rule('eager')
    await turn()
    expect(connection.open).toEqual([])
    connection.isOpen = true
    policies.connectionOpened()
    expect(connection.open.map((s) => s.names)).toEqual([['gentle', 'eager']])
  })

  test('a stream that ends is opened again after a while; a token without the scope is told once', async () => {
    const policies = copy()
    policies.rule('gentle')
    await turn()
    connection.open.pop()?.handlers.ended(new ServiceUnavailableError('stopping'))
    expect(connection.open).toHaveLength(0)
    time.advance(1_000)
    expect(connection.open).toHaveLength(1)
    connection.open.pop()?.handlers.ended(new ForbiddenError('it needs the scope "policies:read"'))
    time.advance(100_000)
    expect(connection.open).toHaveLength(0)
    expect(events.map((e) => e.type)).toEqual(['problem', 'problem'])
    expect(policies.rule('gentle').policy.maxRetries).toBe(3)
  })

  test('what is set holds alone when it does not fit what is in code, and that is told', async () => {
    const policies = copy({ mine: { initialDelayMs: 4_000 } })
    policies.rule('mine')
    await turn()
    connection.tell(stored('mine', { maxDelayMs: 1_000 }))
    expect(policies.rule('mine').policy).toMatchObject({ initialDelayMs: 200, maxDelayMs: 1_000 })
    expect(events).toMatchObject([{ type: 'problem', during: 'policy mine' }])
  })
})

describe('budgets', () => {
  test('belong to a policy, or to all that name the same one, and outlive a change of it', async () => {
    const shared = { name: 'payments', ratio: 0.2, perSecond: 10, concurrentMin: 3 }
    const policies = copy({ a: { budget: shared }, b: { budget: shared } })
    const budget = policies.rule('a').budget
    expect(policies.rule('b').budget).toBe(budget)
    expect(policies.rule('gentle').budget).not.toBe(budget)
    expect(policies.rule('none').budget).toBeNull()
    await turn()
    connection.tell(stored('a', { budget: { ...shared, perSecond: 0 } }))
    expect(policies.rule('a').budget).toBe(budget)
  })

  test('policies given as values share one, however often they are made anew', () => {
    const policies = copy()
    expect(policies.rule({ maxRetries: 1 }).budget).toBe(policies.rule({ maxRetries: 1 }).budget)
  })
})

test('bad names and bad values are refused with what to do', () => {
  const policies = copy()
  for (const name of ['', ' gentle', 'a/b', 'x'.repeat(101), '__proto__']) {
    expect(() => policies.rule(name), name).toThrow(ValidationError)
  }
  expect(() => policies.rule({ maxDelayMs: 1 })).toThrow(/Raise it to at least 200 ms/)
  expect(() => copy({ mine: { multiplier: 0 } })).toThrow(/factor must be 1/)
})
