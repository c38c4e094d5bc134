/** Which requests the live log shows, as its address says it. Pure. */
import { parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs/server'
import { REFUSALS, type Refusal } from '@/core/gateway/view'

export const STATUSES = ['2', '3', '4', '5', 'none'] as const
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

export const logSearch = {
  route: parseAsString.withDefault(''),
  status: parseAsStringLiteral(STATUSES),
  part: parseAsStringLiteral(REFUSALS),
  method: parseAsStringLiteral(METHODS),
  q: parseAsString.withDefault(''),
  /** milliseconds */
  slow: parseAsInteger,
  /** open in the panel beside the list */
  request: parseAsString,
}

export interface LogFilter {
  route?: string
  status?: (typeof STATUSES)[number]
  refusal?: Refusal
  method?: string
  q?: string
  slowerThanMs?: number
}

export interface LogSearch {
  route: string
  status: LogFilter['status'] | null
  part: Refusal | null
  method: string | null
  q: string
  slow: number | null
}

const ROUTE = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

/** Without what says nothing, so that equal filters are equal. */
export function filterOf({ route, status, part, method, q, slow }: LogSearch): LogFilter {
  return {
    ...(ROUTE.test(route) && route.length <= 64 ? { route } : {}),
    ...(status ? { status } : {}),
    ...(part ? { refusal: part } : {}),
    ...(method ? { method } : {}),
    ...(q.trim() === '' ? {} : { q: q.trim().slice(0, 200) }),
    ...(slow !== null && slow > 0 ? { slowerThanMs: slow } : {}),
  }
}

/** The address of the log with these filters, and a request open in it. */
export function logHref(search: Partial<LogSearch>, request: string | null): string {
  const query = new URLSearchParams()
  for (const name of ['route', 'status', 'part', 'method', 'q', 'slow'] as const) {
    const value = search[name]
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value))
  }
  if (request !== null) query.set('request', request)
  const text = query.toString()
  return text === '' ? '/gateway/log' : `/gateway/log?${text}`
}
