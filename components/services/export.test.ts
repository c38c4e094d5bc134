import { expect, test } from 'vitest'
import { noCounts } from '@/core/summary'
import type { ServiceView } from '@/core/topology'
import { csvCell, toCsv, toJson } from './export'
import { NO_TRAFFIC } from './traffic'

const orders: ServiceView = {
  name: 'orders',
  health: 'warning',
  reason: '1 of 3 down, "a"',
  counts: { ...noCounts(), healthy: 2, unhealthy: 1 },
  total: 3,
  routable: 2,
  flapping: 0,
  zones: ['a', 'b'],
  versions: ['1.4.0'],
  tags: [],
  maintenance: null,
  hold: null,
  changedAt: 0,
}
const traffic = new Map([['orders', { ...NO_TRAFFIC, count: 10, ratePerSec: 1 / 3, errorShare: 0.1, p99Ms: 12.5 }]])

test('one line a service, quoted where a cell needs it', () => {
  const [head, line, end] = toCsv([orders], traffic).split('\r\n')
  expect(head).toMatch(/^service,state,reason,instances,routable,healthy,/)
  expect(line).toBe(
    'orders,warning,"1 of 3 down, ""a""",3,2,2,0,1,0,0,0,0,0,a b,1.4.0,,0.3333,0.1,12.5,1970-01-01T00:00:00.000Z',
  )
  expect(end).toBe('')
})

test('a name is never run as a formula, a negative number stays a number', () => {
  expect(csvCell('=cmd()')).toBe("'=cmd()")
  expect(csvCell('@a,b')).toBe('"\'@a,b"')
  expect(csvCell(-1)).toBe('-1')
})

test('without traffic there are no figures, not zeros', () => {
  const [row] = JSON.parse(toJson([orders], new Map())) as Record<string, unknown>[]
  expect(row).toMatchObject({ service: 'orders', calls_per_second: 0, error_share: null, p99_ms: null })
})
