/** Everything that is wrong with a draft, each beside what it concerns. Pure. */
import { ValidationError } from '@/core/errors'
import { findMiddleware, type MiddlewareSpec } from '@/core/gateway/catalog'
import { checkRoute } from '@/core/gateway/check-route'
import type { RouteSpec } from '@/core/gateway/route'
import { KEPT, SECRET_MIN } from './secrets'

export const PLACES = ['id', 'hosts', 'path', 'methods', 'headers', 'targets', 'balance', 'rewrite'] as const
export type Place = (typeof PLACES)[number]

export interface Problems {
  /** in all */
  count: number
  at: Partial<Record<Place, string[]>>
  /** by the step's place in the chain, then by the field's name; '' for the step itself */
  steps: Record<string, string[]>[]
  /** about the route as a whole */
  whole: string[]
}

const ID = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/
const LINE = /^(?:middleware (\d+)(?: \(([^)]*)\))?|([a-z]+)): (.*)$/s

/** `others`: the routes that it will stand beside. */
export function problemsOf(
  draft: RouteSpec,
  others: readonly RouteSpec[],
  custom: readonly MiddlewareSpec[],
): Problems {
  const lines: string[] = []
  if (draft.id.length > 64 || !ID.test(draft.id)) lines.push('id: small letters, digits and "-", such as "orders-api"')
  for (const { name } of draft.match.headers) {
    if (!HEADER.test(name))
      lines.push(name === '' ? 'headers: give each a name' : `headers: "${name}" is not the name of one`)
  }
  for (const [i, { use, config }] of draft.middleware.entries()) {
    for (const field of findMiddleware(use, custom)?.fields ?? []) {
      const keys = field.kind === 'keys' ? config[field.name] : null
      if (!Array.isArray(keys)) continue
      for (const [name, secret] of keys as [string, string][]) {
        if (secret === KEPT || secret.length >= SECRET_MIN) continue
        lines.push(`middleware ${i + 1} (${use}): ${field.name}: "${name}" needs at least ${SECRET_MIN} characters`)
      }
    }
  }
  try {
    checkRoute(draft, others, custom)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    lines.push(...linesOf(error.message))
  }
  return sorted(lines)
}

/** The lines of a refusal, also one of the control plane. */
export function linesOf(message: string): string[] {
  const [, ...lines] = message.split(/\n- /)
  return lines.length === 0 ? [message] : lines
}

export function sorted(lines: readonly string[]): Problems {
  const problems: Problems = { count: lines.length, at: {}, steps: [], whole: [] }
  for (const line of lines) {
    const [, step, , place, text = line] = LINE.exec(line) ?? []
    if (step !== undefined) {
      const [, field, about] = /^([A-Za-z]+): (.*)$/s.exec(text) ?? []
      const at = Number(step) - 1
      const fields = problems.steps[at] ?? {}
      problems.steps[at] = fields
      const name = field !== undefined && about !== undefined ? field : ''
      fields[name] = [...(fields[name] ?? []), about ?? text]
    } else if (isPlace(place)) problems.at[place] = [...(problems.at[place] ?? []), text]
    else problems.whole.push(text)
  }
  return problems
}

function isPlace(word: string | undefined): word is Place {
  return PLACES.includes(word as Place)
}
