/** The checker itself is checked: histories known to be good pass, histories with planted bugs do not. */
import { describe, expect, it } from 'vitest'
import { type Operation, violation } from './test-linearizable.ts'

const op = (
  client: string,
  kind: Operation['kind'],
  token: number,
  call: number,
  end: number,
  answer: Operation['answer'] = 'ok',
): Operation => ({ client, kind, token, call, return: end, callAt: call, returnAt: end, answer, ttlMs: 100 })

describe('good histories', () => {
  it('one after the other', () => {
    expect(
      violation([op('a', 'acquire', 1, 0, 1), op('a', 'release', 1, 2, 3), op('b', 'acquire', 2, 4, 5)]),
    ).toBeNull()
  })
  it('a waiter overlaps the holder and gets it at the release', () => {
    expect(
      violation([op('a', 'acquire', 1, 0, 1), op('b', 'acquire', 2, 2, 11), op('a', 'release', 1, 10, 12)]),
    ).toBeNull()
  })
  it('a lease that ran out is taken over, and its late release finds it gone', () => {
    expect(
      violation([op('a', 'acquire', 1, 0, 1), op('b', 'acquire', 2, 2, 101), op('a', 'release', 1, 150, 151, 'gone')]),
    ).toBeNull()
  })
  it('a release without an answer may have happened or not', () => {
    const lost = op('a', 'release', 1, 2, Number.POSITIVE_INFINITY, 'unknown')
    expect(violation([op('a', 'acquire', 1, 0, 1), lost, op('b', 'acquire', 2, 3, 4)])).toBeNull()
    expect(violation([op('a', 'acquire', 1, 0, 1), lost, op('a', 'release', 1, 5, 6)])).toBeNull()
  })
})

describe('planted bugs', () => {
  it('two holders at a time: granted before the lease could end', () => {
    expect(violation([op('a', 'acquire', 1, 0, 1), op('b', 'acquire', 2, 2, 50)])).toMatchObject({ token: 2 })
  })
  it('two holders at a time, although the first renewed', () => {
    const renewed = op('a', 'renew', 1, 80, 81)
    expect(violation([op('a', 'acquire', 1, 0, 1), renewed, op('b', 'acquire', 2, 2, 150)])).toMatchObject({ token: 2 })
  })
  it('a token given twice: a grant that did not survive a crash', () => {
    const history = [op('a', 'acquire', 7, 0, 1), op('a', 'release', 7, 2, 3), op('b', 'acquire', 7, 4, 5)]
    expect(violation(history)).not.toBeNull()
  })
  it('tokens that go down: a restored copy without a new epoch', () => {
    const history = [op('a', 'acquire', 9, 0, 1), op('a', 'release', 9, 2, 3), op('b', 'acquire', 4, 4, 5)]
    expect(violation(history)).toMatchObject({ token: 4 })
  })
  it('a release that was answered and forgotten', () => {
    const history = [op('a', 'acquire', 1, 0, 1), op('a', 'release', 1, 2, 3), op('a', 'release', 1, 4, 5)]
    expect(violation(history)).not.toBeNull()
  })
  it('told to be gone while it was held', () => {
    expect(violation([op('a', 'acquire', 1, 0, 1), op('a', 'release', 1, 2, 3, 'gone')])).not.toBeNull()
  })
})
