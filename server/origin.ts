/** Which web pages may speak to the API. Programs send no Origin and are let through: they have no cookie to be abused. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorJson } from '../core/errors.ts'
import type { Config } from './config.ts'

export interface OriginPolicy {
  /** for opening a WebSocket, which browsers let every page do, with the user's cookie */
  isAllowed(req: IncomingMessage): boolean
  /** answers 403 and returns true when a page of another origin is behind the request */
  refuse(req: IncomingMessage, res: ServerResponse): boolean
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

export function originPolicy(config: () => Pick<Config, 'origins' | 'publicUrl'>): OriginPolicy {
  const isOwn = (origin: string) => config().origins.includes(origin)

  const isAllowed = (req: IncomingMessage): boolean => {
    const { origin } = req.headers
    return origin === undefined ? !isForeignFetch(req) : isOwn(origin)
  }

  const mayCall = (req: IncomingMessage): boolean => {
    if (!isAllowed(req)) return false
    if (SAFE_METHODS.has(req.method ?? 'GET') || req.headers.origin !== undefined) return true
    // Every browser sends an Origin with a POST. A cookie without one comes from a program that copied it, or from
    // something between that strips headers; only the browser's own word or the Referer can vouch for it then.
    if (req.headers.cookie === undefined || req.headers.authorization !== undefined) return true
    if (req.headers['sec-fetch-site'] !== undefined) return true
    const { referer } = req.headers
    return referer !== undefined && URL.canParse(referer) && isOwn(new URL(referer).origin)
  }

  return {
    isAllowed,
    refuse(req, res) {
      if (mayCall(req)) return false
      const error: ErrorJson = {
        code: 'FORBIDDEN',
        message: `This page may not call the control plane. Open it at ${config().publicUrl}, or allow its origin with HOLDFAST_ORIGINS.`,
        retryable: false,
      }
      const body = JSON.stringify(error)
      res.writeHead(403, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      res.end(body)
      return true
    },
  }
}

/** Browsers say for requests without an Origin whether another site made them. */
function isForeignFetch(req: IncomingMessage): boolean {
  const site = req.headers['sec-fetch-site']
  return site === 'cross-site' || site === 'same-site'
}
