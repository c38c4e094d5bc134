import { describe, expect, it } from 'vitest'
import { networkError } from './failure.ts'

const failed = (...codes: string[]) => {
  const errors = codes.map((code) => Object.assign(new Error('secret internals'), { code }))
  return networkError('a:1', 'connect', errors.length === 1 ? errors[0] : new AggregateError(errors))
}

describe('a failed call', () => {
  it.each([
    ['ECONNREFUSED', 'connection refused', false],
    ['HPE_INVALID_CONSTANT', 'not valid HTTP', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is not trusted', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is not trusted', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS', false],
    ['ENETUNREACH', 'no route from here', true],
    ['EMFILE', 'too many files', true],
    ['EADDRNOTAVAIL', 'no local address', true],
    ['EPERM', 'firewall', true],
    ['ESOMETHING', 'ESOMETHING', false],
  ])('of %s is told as %s', (code, words, local) => {
    const error = failed(code)
    expect(error.message).toContain(words)
    expect(error.details).toEqual({ cause: code, phase: 'connect', local })
  })

  it.each([
    [['EADDRNOTAVAIL', 'ECONNREFUSED'], 'ECONNREFUSED', false],
    [['ENETUNREACH', 'ETIMEDOUT'], 'ETIMEDOUT', false],
    [['ETIMEDOUT', 'ECONNREFUSED'], 'ECONNREFUSED', false],
    [['ENETUNREACH', 'EADDRNOTAVAIL'], 'ENETUNREACH', true],
  ])('at several addresses, %j, is told by its most telling error', (codes, cause, local) => {
    expect(failed(...codes).details).toMatchObject({ cause, local })
  })

  it('without a code says little, and nothing of our insides', () => {
    const error = networkError('a:1', 'answer', new Error('secret internals'))
    expect(error.message).toBe('a:1: UNKNOWN.')
  })
})
