/** Headers that tell the browser what our pages may do, and other pages may not. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from './config.ts'

const YEAR_S = 31_536_000

const FIXED: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  // Not `no-referrer`: with it a browser sends `Origin: null` on form posts, which the origin check must refuse.
  ['referrer-policy', 'same-origin'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  [
    'permissions-policy',
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()',
  ],
]

/** For answers that are data: whatever a browser takes them for, nothing in them runs. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/**
 * The policy of a page. Scripts run only with this answer's nonce or when such a script loads them. Styles may be inline:
 * charts and the map place things with style attributes, and toasts bring a style element.
 * `dev`: hot reload evaluates code.
 */
export function pagePolicy(nonce: string, dev: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Sets the headers of every answer, before anything else writes to it. */
export function secureHeaders(
  config: () => Pick<Config, 'publicUrl' | 'dev'>,
): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const { publicUrl, dev } = config()
    const path = (req.url ?? '/').split('?', 1)[0] as string
    for (const [name, value] of FIXED) res.setHeader(name, value)
    if (publicUrl.startsWith('https:')) res.setHeader('strict-transport-security', `max-age=${YEAR_S}`)
    // Nobody outside chooses the nonce: the page renderer takes it from this header of the request.
    delete req.headers['content-security-policy']
    delete req.headers['content-security-policy-report-only']
    delete req.headers['x-nonce']
    if (path.startsWith('/api/') || path === '/metrics') {
      res.setHeader('content-security-policy', DATA_POLICY)
      return
    }
    // A policy on a script's own answer would bind the workers that it starts, and their code has no nonce.
    if (path.startsWith('/_next/static/')) return
    const nonce = randomBytes(16).toString('base64')
    const policy = pagePolicy(nonce, dev)
    req.headers['content-security-policy'] = policy
    req.headers['x-nonce'] = nonce
    res.setHeader('content-security-policy', policy)
  }
}
