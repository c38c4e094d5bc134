/** The base of every procedure: who may call it, and how errors leave. */
import { randomUUID } from 'node:crypto'
import { initTRPC, TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import {
  type ErrorCode,
  type ErrorJson,
  ForbiddenError,
  HoldfastError,
  UnauthenticatedError,
} from '../../core/errors.ts'
import { isAllowed, type Principal, type Requirement } from '../principal.ts'
import type { Context } from './context.ts'

/** `public`: anybody; `signed-in`: any principal; otherwise a role for people and a scope for tokens. */
export interface Meta {
  access: Requirement | 'public' | 'signed-in'
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    errorFormatter({ shape, error, ctx, path }) {
      const holdfast = describe(error, path, ctx)
      return { ...shape, message: holdfast.message, data: { ...shape.data, stack: undefined, holdfast } }
    },
  })

export const router = t.router
export const createCallerFactory = t.createCallerFactory

const TRPC_CODES: Record<ErrorCode, TRPCError['code']> = {
  NETWORK: 'BAD_GATEWAY',
  TIMEOUT: 'TIMEOUT',
  CONSISTENCY: 'SERVICE_UNAVAILABLE',
  SERVICE_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  CONFLICT: 'CONFLICT',
  NOT_FOUND: 'NOT_FOUND',
  VALIDATION: 'BAD_REQUEST',
  BREAKER_OPEN: 'SERVICE_UNAVAILABLE',
  LOCK: 'CONFLICT',
  BUDGET_EXHAUSTED: 'TOO_MANY_REQUESTS',
  UNAUTHENTICATED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  RATE_LIMITED: 'TOO_MANY_REQUESTS',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
}

export function toTRPCError(error: HoldfastError): TRPCError {
  return new TRPCError({ code: TRPC_CODES[error.code], message: error.message, cause: error })
}

/** What a client is told; the cause of a defect stays in the log, under the reference in the message. */
function describe(error: TRPCError, path: string | undefined, ctx: Context | undefined): ErrorJson {
  if (error.cause instanceof HoldfastError && error.cause.code !== 'INTERNAL') return error.cause.toJSON()
  if (error.cause instanceof ZodError) {
    const issues = error.cause.issues.slice(0, 5).map((issue) => {
      const where = issue.path.join('.')
      return where === '' ? issue.message : `${where}: ${issue.message}`
    })
    return {
      code: 'VALIDATION',
      message: `${path ?? 'The call'} got bad input. ${issues.join('; ')}`,
      retryable: false,
    }
  }
  switch (error.code) {
    case 'PARSE_ERROR':
      return { code: 'VALIDATION', message: 'The request is not valid JSON.', retryable: false }
    case 'NOT_FOUND':
      return { code: 'NOT_FOUND', message: `There is no procedure "${clip(path)}".`, retryable: false }
    case 'PAYLOAD_TOO_LARGE':
      return { code: 'VALIDATION', message: 'The request is too large; send at most 1 MiB.', retryable: false }
    case 'BAD_REQUEST':
    case 'METHOD_NOT_SUPPORTED':
    case 'UNSUPPORTED_MEDIA_TYPE':
    case 'UNPROCESSABLE_CONTENT':
      return { code: 'VALIDATION', message: clip(error.message), retryable: false }
    default: {
      const reference = randomUUID().slice(0, 8)
      ctx?.engines.log.error({ reference, path, error: error.cause ?? error }, 'a procedure failed unexpectedly')
      return {
        code: 'INTERNAL',
        message: `Something went wrong in the control plane. Its log has the details under ${reference}.`,
        retryable: false,
      }
    }
  }
}

function clip(text: string | undefined): string {
  return (text ?? '').slice(0, 200)
}

/** Deny by default: a procedure without an access rule is refused to everybody. */
function authorise(meta: Meta | undefined, principal: Principal | null, path: string): void {
  if (meta?.access === 'public') return
  if (!principal) {
    throw new UnauthenticatedError(
      'Sign in, or send a service token as "Authorization: Bearer …" (connectionParams.token over WebSocket).',
    )
  }
  if (!principal.active) throw new UnauthenticatedError('This session or token has been revoked.')
  if (meta?.access === 'signed-in') return
  if (meta && isAllowed(principal, meta.access)) return
  const needs = !meta
    ? 'nobody may call it'
    : principal.role === null
      ? meta.access.scope === null
        ? 'service tokens may not call it'
        : `it needs the scope "${meta.access.scope}"`
      : `it needs the role "${meta.access.role}"`
  throw new ForbiddenError(`"${principal.name}" may not call ${path}: ${needs}.`)
}

const base = t.procedure.use(async ({ ctx, meta, path, next }) => {
  try {
    authorise(meta, ctx.principal, path)
  } catch (error) {
    if (error instanceof HoldfastError) throw toTRPCError(error)
    throw error
  }
  const result = await next({ ctx: ctx as Context & { principal: Principal } })
  if (!result.ok && result.error.cause instanceof HoldfastError) throw toTRPCError(result.error.cause)
  return result
})

/** A procedure for people of at least `role`, and for service tokens that hold `scope` (null: for none). */
export function allow(role: Requirement['role'], scope: Requirement['scope']) {
  return base.meta({ access: { role, scope } })
}

/** A procedure for whoever is signed in, person or token. */
export const signedIn = base.meta({ access: 'signed-in' })
