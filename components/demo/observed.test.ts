import { describe, expect, it } from 'vitest'
import type { JournalEvent } from '@/core/event'
import type { Instance } from '@/core/instance'
import { observe } from './observed'

const instance = (id: string, health: Instance['health']) => ({ id, health }) as Instance
const event = (key: string, value: unknown) => ({ key, value }) as JournalEvent

describe('what the registry sees', () => {
  const first = observe(new Map(), {
    type: 'snapshot',
    seq: 5,
    now: 0,
    resync: false,
    instances: [instance('a', 'healthy'), instance('b', 'healthy')],
    services: [],
  })

  it('takes changes, leaves what has not changed, and passes over what is no instance', () => {
    const next = observe(first, {
      type: 'events',
      seq: 7,
      now: 0,
      events: [event('instance/a', instance('a', 'unhealthy')), event('service/x', {})],
    })
    expect(next.get('a')?.health).toBe('unhealthy')
    expect(next.get('b')).toBe(first.get('b'))
    expect(first.get('a')?.health).toBe('healthy')
  })

  it('forgets what is gone, and starts anew with a snapshot', () => {
    const gone = observe(first, { type: 'events', seq: 8, now: 0, events: [event('instance/b', null)] })
    expect([...gone.keys()]).toEqual(['a'])
    const anew = observe(gone, { type: 'snapshot', seq: 9, now: 0, resync: true, instances: [], services: [] })
    expect(anew.size).toBe(0)
  })
})
