import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { pagePolicy, secureHeaders } from './security-headers.ts'

let stop: (() => void) | undefined
afterEach(() => stop?.())

async function get(path: string, config = { publicUrl: 'http://127.0.0.1:3000', dev: false }, headers = {}) {
  const secure = secureHeaders(() => config)
  let seen: IncomingHttpHeaders = {}
  const server = createServer((req, res) => {
    secure(req, res)
    seen = req.headers
    res.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stop = () => server.close()
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers })
  return { headers: answer.headers, seen }
}

const nonceOf = (policy: string | null) => /'nonce-([^']+)'/.exec(policy ?? '')?.[1]

describe('a page', () => {
  it('may run only scripts with its own nonce, and be framed by nobody', async () => {
    const { headers } = await get('/services')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/]{22}==' 'strict-dynamic'/)
    expect(/script-src [^;]*/.exec(policy)?.[0]).not.toMatch(/unsafe/)
    for (const rule of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]) {
      expect(policy).toContain(rule)
    }
  })

  it('gets another nonce each time, the same for the renderer as for the browser', async () => {
    const first = await get('/')
    stop?.()
    const second = await get('/')
    const nonce = nonceOf(first.headers.get('content-security-policy'))
    expect(nonce).toBeDefined()
    expect(nonce).not.toBe(nonceOf(second.headers.get('content-security-policy')))
    expect(nonceOf(first.seen['content-security-policy'] as string)).toBe(nonce)
    expect(first.seen['x-nonce']).toBe(nonce)
  })

  it('does not take a nonce from the request', async () => {
    const headers = {
      'content-security-policy': "script-src 'nonce-evil'",
      'content-security-policy-report-only': "script-src 'nonce-evil'",
      'x-nonce': 'evil',
    }
    const { seen, headers: sent } = await get('/', undefined, headers)
    expect(JSON.stringify(seen)).not.toContain('evil')
    expect(sent.get('content-security-policy')).not.toContain('evil')
  })

  it('may evaluate code only while developing', () => {
    expect(pagePolicy('n', true)).toContain("'unsafe-eval'")
    expect(pagePolicy('n', false)).not.toContain("'unsafe-eval'")
  })
})

it('sends the other headers with every answer', async () => {
  const { headers } = await get('/api/trpc/system.info')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('referrer-policy')).toBe('same-origin')
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
  expect(headers.get('permissions-policy')).toContain('camera=()')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
})

it('asks for https only where pages are served by it', async () => {
  expect((await get('/')).headers.get('strict-transport-security')).toBeNull()
  stop?.()
  const { headers } = await get('/', { publicUrl: 'https://holdfast.example.org', dev: false })
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000')
})

it('leaves scripts without a policy, so that the workers they start can run', async () => {
  const { headers } = await get('/_next/static/chunks/a.js')
  expect(headers.get('content-security-policy')).toBeNull()
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})
