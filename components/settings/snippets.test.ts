import { expect, test } from 'vitest'
import { curlSnippet, sdkSnippet } from './snippets'

const filled = { url: 'http://127.0.0.1:3000', token: 'hf_secret', service: 'orders' }

test('a token of a service gives code that registers it', () => {
  const code = sdkSnippet({ ...filled, scopes: ['registry:read', 'registry:write', 'telemetry:write'] })
  expect(code).toContain(`token: 'hf_secret'`)
  expect(code).toContain(`name: 'orders'`)
  expect(code).not.toContain('telemetry')
})

test('a token that may only look gives code that only looks', () => {
  const code = sdkSnippet({ ...filled, scopes: ['registry:read'] })
  expect(code).not.toContain('service:')
  expect(code).toContain('telemetry: false')
})

test('the line for the shell asks for what the token may read', () => {
  expect(curlSnippet({ ...filled, scopes: ['registry:read'] })).toBe(
    `curl -H 'authorization: Bearer hf_secret' 'http://127.0.0.1:3000/api/trpc/registry.list?input=%7B%22data%22%3A%7B%7D%7D'`,
  )
  expect(curlSnippet({ ...filled, scopes: ['journal:read'] })).toContain('journal.list')
  expect(curlSnippet({ ...filled, scopes: ['telemetry:write'] })).toContain('admin.me')
})
