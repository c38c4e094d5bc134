/** What can go wrong with an outgoing call, as errors that say whose problem it is. */
import { ForbiddenError, type HoldfastError, NetworkError, TimeoutError } from '../../core/errors.ts'

/** How far a call had come. */
export type Phase = 'resolve' | 'connect' | 'answer' | 'body'

/** The address is one that may not be called; `details.cause` is `outbound-refused`. */
export class OutboundRefused extends ForbiddenError {
  constructor(target: string, why: string) {
    super(`${target} may not be called: ${why}.`, { details: { cause: 'outbound-refused', target } })
  }
}

/** Codes that tell of this machine, not of the one called. */
const LOCAL: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EACCES',
  'EPERM',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_MEMORY',
  'EAI_SYSTEM',
  'EREFUSED',
  'ESERVFAIL',
])

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed early',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host down',
  ETIMEDOUT: 'connection timed out',
  ENOTFOUND: 'the name does not resolve',
  ENODATA: 'the name has no address',
  ENETUNREACH: 'no route from here',
  ENETDOWN: 'the network of this machine is down',
  EADDRNOTAVAIL: 'no local address or port is free',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
  EACCES: 'forbidden by this machine',
  EPERM: 'forbidden by a firewall of this machine',
  EAI_AGAIN: 'name resolution does not answer',
  EAI_FAIL: 'name resolution fails',
  HPE_HEADER_OVERFLOW: 'its headers are too large',
}

/**
 * The NetworkError of a failed call. `details`: `cause` (the system's code), `phase`, `local` (true when this machine is to
 * blame and nothing is known of the other). Where several addresses were tried, the most telling of their errors counts:
 * one that the other side gave, then one of silence, then one of our own.
 */
export function networkError(target: string, phase: Phase, error: unknown): HoldfastError {
  const code = codesOf(error).sort((a, b) => rank(a) - rank(b))[0] ?? 'UNKNOWN'
  const words = WORDS[code] ?? group(code)
  return new NetworkError(`${target}: ${words}.`, { details: { cause: code, phase, local: LOCAL.has(code) } })
}

function group(code: string): string {
  if (code.startsWith('HPE_')) return `its answer is not valid HTTP (${code})`
  if (code.includes('CERT') || code.includes('SIGNATURE')) return `its certificate is not trusted (${code})`
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return `it does not speak TLS as asked (${code})`
  return code
}

function codesOf(error: unknown): string[] {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(codesOf)
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? [code] : []
}

function rank(code: string): number {
  if (LOCAL.has(code)) return 2
  return code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'EHOSTDOWN' ? 1 : 0
}

const WHILE: Record<Phase, string> = {
  resolve: 'resolving its name',
  connect: 'connecting',
  answer: 'waiting for its answer',
  body: 'reading its answer',
}

/** The TimeoutError of a call; `details.phase` says how far it had come. */
export function timeoutError(target: string, phase: Phase, timeoutMs: number): HoldfastError {
  return new TimeoutError(`${target}: timed out after ${timeoutMs} ms, ${WHILE[phase]}.`, {
    details: { cause: 'timeout', phase },
  })
}
