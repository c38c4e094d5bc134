/** Code that works as it stands, with the address and a token filled in. Pure. */
import type { Scope } from './scopes'

export interface Filled {
  url: string
  token: string
  scopes: readonly Scope[]
  /** the service the token is for; null: any */
  service: string | null
}

/** Ten lines that take part, or that only look, as far as the scopes go. */
export function sdkSnippet({ url, token, scopes, service }: Filled): string {
  const lines = [
    `import { connect } from '@holdfast/sdk'`,
    '',
    'const holdfast = await connect({',
    `  url: '${url}',`,
    `  token: '${token}',`,
  ]
  if (scopes.includes('registry:write')) {
    lines.push(
      '  service: {',
      `    name: '${service ?? 'payments'}',`,
      `    address: '127.0.0.1:4103',`,
      `    check: { http: '/healthz' },`,
      '  },',
    )
  }
  if (!scopes.includes('telemetry:write')) lines.push('  telemetry: false,')
  lines.push('})')
  return lines.join('\n')
}

/** One line that shows that the token works. */
export function curlSnippet({ url, token, scopes }: Filled): string {
  const read = scopes.includes('registry:read')
    ? 'registry.list'
    : scopes.includes('journal:read')
      ? 'journal.list'
      : 'admin.me'
  return `curl -H 'authorization: Bearer ${token}' '${url}/api/trpc/${read}?input=${encodeURIComponent('{"data":{}}')}'`
}
