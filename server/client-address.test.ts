import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

const from = (remoteAddress: string, forwardedFor?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
  }) as unknown as IncomingMessage

test('nobody is believed unless told', () => {
  const address = clientAddress([])
  expect(address(from('127.0.0.1', '203.0.113.7'))).toBe('127.0.0.1')
  expect(address(from('::ffff:10.0.0.1'))).toBe('10.0.0.1')
})

test.each([
  ['one proxy', '127.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['as IPv4 in IPv6', '::ffff:127.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['what the client wrote itself is left of what the proxy added', '127.0.0.1', '1.2.3.4, 203.0.113.7', '203.0.113.7'],
  ['two proxies of ours', '127.0.0.1', '203.0.113.7, 10.1.2.3', '203.0.113.7'],
  ['nothing said', '127.0.0.1', undefined, '127.0.0.1'],
  ['nonsense said', '127.0.0.1', '203.0.113.7, unknown', '127.0.0.1'],
  ['somebody else', '198.51.100.1', '203.0.113.7', '198.51.100.1'],
])('behind trusted proxies: %s', (_, peer, said, is) => {
  expect(clientAddress(['127.0.0.0/8', '10.0.0.0/8'])(from(peer, said))).toBe(is)
})
