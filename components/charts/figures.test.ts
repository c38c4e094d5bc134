import { describe, expect, it } from 'vitest'
import { ago, digits, duration, plural, rate, share } from './figures.ts'

describe('figures', () => {
  it('keeps to three digits', () => {
    expect([0.123, 1.006, 12.34, 123.4, 1234, 12_345, 123_456, 12_345_678].map(digits)).toEqual([
      '0.12', '1.01', '12.3', '123', '1.23k', '12.3k', '123k', '12.3M',
    ])
  })
  it('says no traffic instead of zero', () => {
    expect(rate(0)).toBe('no traffic')
    expect(rate(0.001)).toBe('<0.01/s')
    expect(rate(42.42)).toBe('42.4/s')
  })
  it('picks the unit of a duration', () => {
    expect([0.04, 0.5, 4.25, 42.4, 999, 1500, 65_000, 7_200_000].map(duration)).toEqual([
      '<0.1 ms', '0.5 ms', '4.3 ms', '42 ms', '999 ms', '1.5 s', '1 min', '2 h',
    ])
  })
  it('never rounds a few errors to none, nor nearly all to all', () => {
    expect([0, 0.0001, 0.004, 0.05, 0.5, 0.9996, 1].map(share)).toEqual(['0%', '<0.1%', '0.4%', '5%', '50%', '>99.9%', '100%'])
  })
  it('tells age in whole units', () => {
    expect([200, 12_400, 190_000].map(ago)).toEqual(['now', '12 s ago', '3 min ago'])
    expect(plural(1, 'instance')).toBe('1 instance')
    expect(plural(1200, 'instance')).toBe('1,200 instances')
  })
})
