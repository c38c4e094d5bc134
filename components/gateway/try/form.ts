/** A request to try, as its address says it. Pure. */
import { parseAsString, parseAsStringLiteral } from 'nuqs/server'
import type { RouteMatch } from '@/core/gateway/route'

export const TRY_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type TryMethod = (typeof TRY_METHODS)[number]

export const trySearch = {
  method: parseAsStringLiteral(TRY_METHODS).withDefault('GET'),
  path: parseAsString.withDefault('/'),
  /** empty: the gateway's own address */
  host: parseAsString.withDefault(''),
}

export function tryHref({ method, path, host }: { method: string; path: string; host: string }): string {
  const query = new URLSearchParams()
  if (method !== 'GET' && TRY_METHODS.includes(method as TryMethod)) query.set('method', method)
  if (path !== '/') query.set('path', path)
  if (host !== '') query.set('host', host)
  const text = query.toString()
  return text === '' ? '/gateway/try' : `/gateway/try?${text}`
}

/** A request that a route would take, to begin with. */
export function requestFor({ path, hosts, methods }: RouteMatch): { method: string; path: string; host: string } {
  const wild = path.kind === 'pattern' ? path.value.replace(/\/\*$/, '/x') : path.value
  return {
    method: methods[0] ?? 'GET',
    path: path.kind === 'pattern' ? wild.replaceAll(/:[A-Za-z][A-Za-z0-9_]*/g, '1') : wild,
    host: hosts[0]?.replace(/^\*\./, 'www.') ?? '',
  }
}

const TAKES_BODY = new Set<string>(['POST', 'PUT', 'PATCH', 'DELETE'])
export const takesBody = (method: string): boolean => TAKES_BODY.has(method)

/** What keeps it from being sent; null: nothing. */
export function wrongTry(request: { path: string; headers: readonly (readonly [string, string])[] }): string | null {
  if (!request.path.startsWith('/')) return 'The path begins with "/".'
  if (request.path.length > 4_096) return 'The path is longer than 4096 characters.'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0020\u007f-\uffff#]/.test(request.path))
    return 'Write spaces and other characters as %20 and the like.'
  const unnamed = request.headers.find(([name]) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(name))
  if (unnamed) return unnamed[0] === '' ? 'Give each header a name.' : `"${unnamed[0]}" is not the name of a header.`
  return null
}

/** As it is read best: JSON with line breaks, anything else as it came. */
export function bodyWord(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
