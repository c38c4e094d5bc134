import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { originPolicy } from './origin.ts'

const policy = originPolicy(() => ({
  publicUrl: 'http://127.0.0.1:3000',
  origins: ['http://127.0.0.1:3000', 'http://localhost:3000'],
}))

function refused(method: string, headers: Record<string, string>): boolean {
  let answered = 0
  const res = { writeHead: (status: number) => (answered = status), end: () => {} }
  const refuses = policy.refuse({ method, headers } as unknown as IncomingMessage, res as unknown as ServerResponse)
  expect(answered).toBe(refuses ? 403 : 0)
  return refuses
}

describe('calls', () => {
  it.each([
    ['our page', 'POST', { origin: 'http://localhost:3000', cookie: 'a=b' }],
    ['a program', 'POST', {}],
    ['a program with a token', 'POST', { authorization: 'Bearer x' }],
    ['a program with a token and a cookie', 'POST', { authorization: 'Bearer x', cookie: 'a=b' }],
    ['our page by its Referer', 'POST', { cookie: 'a=b', referer: 'http://127.0.0.1:3000/services' }],
    ['our page by the word of the browser', 'POST', { cookie: 'a=b', 'sec-fetch-site': 'same-origin' }],
    ['reading with a cookie', 'GET', { cookie: 'a=b' }],
    ['a typed address', 'GET', { cookie: 'a=b', 'sec-fetch-site': 'none' }],
  ])('are let through from %s', (_who, method, headers) => expect(refused(method, headers as never)).toBe(false))

  it.each([
    ['another origin', 'POST', { origin: 'https://evil.example' }],
    ['another origin with a token', 'POST', { origin: 'https://evil.example', authorization: 'Bearer x' }],
    ['another port of this machine', 'POST', { origin: 'http://127.0.0.1:4000', cookie: 'a=b' }],
    ['the same host by https', 'POST', { origin: 'https://127.0.0.1:3000', cookie: 'a=b' }],
    ['a name that only begins like ours', 'POST', { origin: 'http://localhost:3000.evil.example', cookie: 'a=b' }],
    ['a sandboxed frame', 'POST', { origin: 'null', cookie: 'a=b' }],
    ['nobody knows where, with a cookie', 'POST', { cookie: 'a=b' }],
    ['a foreign Referer', 'POST', { cookie: 'a=b', referer: 'https://evil.example/http://127.0.0.1:3000' }],
    ['a Referer that is none', 'POST', { cookie: 'a=b', referer: 'nonsense' }],
    ['another site, by a plain GET', 'GET', { cookie: 'a=b', 'sec-fetch-site': 'cross-site' }],
    ['another origin, by GET', 'GET', { origin: 'https://evil.example' }],
    ['another origin, by DELETE', 'DELETE', { origin: 'https://evil.example' }],
  ])('are refused from %s', (_who, method, headers) => expect(refused(method, headers as never)).toBe(true))
})

describe('a WebSocket', () => {
  const opens = (headers: Record<string, string>) => policy.isAllowed({ headers } as unknown as IncomingMessage)
  it('opens for our pages and for programs', () => {
    expect(opens({ origin: 'http://127.0.0.1:3000', cookie: 'a=b' })).toBe(true)
    expect(opens({})).toBe(true)
  })
  it('does not open for other pages', () => {
    expect(opens({ origin: 'https://evil.example', cookie: 'a=b' })).toBe(false)
    expect(opens({ origin: 'null' })).toBe(false)
    expect(opens({ origin: '' })).toBe(false)
  })
})
