/** `/api/auth/*`: signing in and out for browsers. JSON in, JSON out; an error is an `ErrorJson`. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { type ErrorCode, HoldfastError, NotFoundError, ValidationError } from '../../core/errors.ts'
import type { ClientAddress } from '../client-address.ts'
import type { Log } from '../log.ts'
import { type CookieConfig, readCookie, setCookie } from './cookies.ts'
import { SESSION_MAX_MS } from './sessions.ts'
import type { SignedIn, SignIn } from './sign-in.ts'

const BODY_MAX = 8 * 1024

const STATUS: Partial<Record<ErrorCode, number>> = {
  VALIDATION: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  SERVICE_UNAVAILABLE: 503,
}

const linkBody = z.object({ token: z.string().max(200) })
const passwordBody = z.object({
  email: z.string().trim().toLowerCase().min(1).max(254),
  password: z.string().min(1).max(200),
})

export interface AuthHandlerOptions {
  auth: { readonly signIn: SignIn }
  config: () => CookieConfig
  log: Log
  clientAddress: ClientAddress
}

export function authHandler(
  options: AuthHandlerOptions,
): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  const { auth, config, log, clientAddress } = options
  const device = (req: IncomingMessage) => ({
    address: clientAddress(req),
    userAgent: req.headers['user-agent'] ?? '',
  })

  const routes: Record<string, (req: IncomingMessage, res: ServerResponse) => Promise<void>> = {
    '/api/auth/link': async (req, res) => {
      const { token } = await read(req, linkBody)
      welcome(res, await auth.signIn.byLink(token, device(req)))
    },
    '/api/auth/sign-in': async (req, res) => {
      const { email, password } = await read(req, passwordBody)
      welcome(res, await auth.signIn.byPassword(email, password, device(req)))
    },
    '/api/auth/sign-out': async (req, res) => {
      const secret = readCookie(config(), req.headers.cookie)
      if (secret !== null) await auth.signIn.out(secret)
      res.setHeader('set-cookie', setCookie(config(), '', 0))
      json(res, 200, {})
    },
  }

  function welcome(res: ServerResponse, { user, secret }: SignedIn): void {
    res.setHeader('set-cookie', setCookie(config(), secret, SESSION_MAX_MS / 1_000))
    json(res, 200, { user })
  }

  function fail(res: ServerResponse, error: unknown): void {
    if (error instanceof HoldfastError && error.code in STATUS) {
      if (error.retryAfterMs !== undefined) res.setHeader('retry-after', Math.ceil(error.retryAfterMs / 1_000))
      json(res, STATUS[error.code] as number, error.toJSON())
      return
    }
    const reference = randomUUID().slice(0, 8)
    log.error({ reference, error }, 'signing in or out failed unexpectedly')
    json(res, 500, {
      code: 'INTERNAL',
      message: `Something went wrong in the control plane. Its log has the details under ${reference}.`,
      retryable: false,
    })
  }

  return async (req, res) => {
    const path = (req.url ?? '').split('?', 1)[0] as string
    try {
      const route = Object.hasOwn(routes, path) ? routes[path] : undefined
      if (!route) throw new NotFoundError('There is nothing here. Sign in at /api/auth/link or /api/auth/sign-in.')
      if (req.method !== 'POST') {
        res.setHeader('allow', 'POST')
        json(res, 405, new ValidationError('Use POST.').toJSON())
        return true
      }
      await route(req, res)
    } catch (error) {
      fail(res, error)
    }
    return true
  }
}

/** @throws ValidationError for anything but JSON of this shape */
async function read<T>(req: IncomingMessage, shape: z.ZodType<T>): Promise<T> {
  if (!/^application\/json\b/i.test(req.headers['content-type'] ?? '')) {
    throw new ValidationError('Send JSON, with the header "content-type: application/json".')
  }
  const chunks: Buffer[] = []
  let size = 0
  // Not destroyed when the loop ends early: the connection is still needed for the answer.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_MAX) throw new ValidationError(`The request is too large; send at most ${BODY_MAX} bytes.`)
    chunks.push(chunk)
  }
  let value: unknown
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new ValidationError('The request is not valid JSON.')
  }
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  // The value itself is never repeated: it may hold a password.
  const problems = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
  throw new ValidationError(`The request has bad fields. ${problems.join('; ')}`)
}

function json(res: ServerResponse, status: number, body: unknown): void {
  if (res.headersSent || res.destroyed) return
  const text = JSON.stringify(body)
  // What was not read of the request must not be taken for the next one.
  if (!res.req.complete) res.setHeader('connection', 'close')
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  res.end(text)
}
