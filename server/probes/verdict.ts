/** What one probe tells: of the instance, or of ourselves. */
import { HoldfastError } from '../../core/errors.ts'
import type { CheckStatus } from '../../core/instance.ts'
import { type HttpResponse, OutboundRefused } from '../outbound.ts'

/**
 * `spoke`: the other side gave a sign, good or bad. `silent`: nothing came back, which is also what a prober sees that is
 * cut off. `local`: this machine or its settings kept us from looking.
 */
export type Evidence = 'spoke' | 'silent' | 'local'

export interface Verdict {
  status: CheckStatus
  evidence: Evidence
  output: string
}

const OUTPUT_MAX = 300

/** One short line that is safe to show: no control, formatting or line-breaking characters. */
export function excerpt(text: string): string {
  const line = text
    .slice(0, OUTPUT_MAX * 8)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  const characters = [...line]
  return characters.length <= OUTPUT_MAX ? line : `${characters.slice(0, OUTPUT_MAX - 1).join('')}…`
}

/** 2xx passes, 429 warns, all else fails; a redirect is not followed. */
export function httpVerdict(answer: Pick<HttpResponse, 'status' | 'body' | 'headers'>): Verdict {
  const { status, body } = answer
  const words = status >= 300 && status < 400 ? 'a redirect, which is not followed' : body.toString('utf8')
  const output = excerpt(words.trim() === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`)
  if (status >= 200 && status < 300) return { status: 'passing', evidence: 'spoke', output }
  return { status: status === 429 ? 'warning' : 'failing', evidence: 'spoke', output }
}

/** Failures that are silence rather than an answer. */
const SILENCE: ReadonlySet<unknown> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'])

/** A check that could not look is `unknown` and says why; it never counts against the instance (H2). */
export function errorVerdict(error: unknown): Verdict {
  if (!(error instanceof HoldfastError)) return blind('the check itself failed')
  if (error instanceof OutboundRefused) return blind(error.message)
  if (error.code === 'TIMEOUT') {
    if (error.details?.phase === 'resolve') return blind(error.message)
    return { status: 'failing', evidence: 'silent', output: excerpt(error.message) }
  }
  if (error.code !== 'NETWORK' || error.details?.local !== false) return blind(error.message)
  const evidence = SILENCE.has(error.details.cause) ? 'silent' : 'spoke'
  return { status: 'failing', evidence, output: excerpt(error.message) }
}

/** The prober could not look, and why. */
export function blind(why: string): Verdict {
  return { status: 'unknown', evidence: 'local', output: excerpt(why) }
}
