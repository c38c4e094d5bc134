import { describe, expect, it } from 'vitest'
import { formatAge, formatCount, formatMs, formatRate, formatShare } from './figure'

describe('figures', () => {
  it('keeps three digits that matter, over every change of unit', () => {
    expect([0, 7, 9_999, 9_999.6, 12_340, 99_960, 999_400, 999_600].map(formatCount)).toEqual([
      '0',
      '7',
      '9999',
      '10.0k',
      '12.3k',
      '100k',
      '999k',
      '1.0M',
    ])
    expect([0.004, 0.999, 9.96, 12.4, 999.6, 1_234, 9_996, 61_000].map(formatMs)).toEqual([
      '0.00 ms',
      '1.0 ms',
      '10 ms',
      '12 ms',
      '1.00 s',
      '1.23 s',
      '10.0 s',
      '61.0 s',
    ])
    expect([0, 0.02, 3.14, 9.97, 1_204.3].map(formatRate)).toEqual(['0/s', '<0.1/s', '3.1/s', '10/s', '1204/s'])
  })

  it('never rounds some to none, nor most to all', () => {
    expect([0, 0.0001, 0.0042, 0.0997, 0.42, 0.99999, 1].map(formatShare)).toEqual([
      '0%',
      '<0.1%',
      '0.4%',
      '10%',
      '42%',
      '99.9%',
      '100%',
    ])
  })

  it('says that nothing was measured', () => {
    expect([formatRate(null), formatShare(null), formatMs(null)]).toEqual(['no traffic', 'no traffic', 'not timed'])
  })

  it('tells ages in the largest units that matter', () => {
    expect([-5, 999, 59_999, 60_000, 3_660_000, 172_800_000].map(formatAge)).toEqual([
      '0 s',
      '0 s',
      '59 s',
      '1 min',
      '1 h 1 min',
      '2 d',
    ])
  })
})
