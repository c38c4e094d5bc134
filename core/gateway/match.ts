/** Which route a request takes. Cost grows with the depth of its path and the routes that share it, not with all routes. */
import type { RouteSpec } from './route.ts'

export interface Question {
  method: string
  /** lower case, without a port */
  host: string
  /** normalised */
  path: string
  /** lower-case name → value; undefined: there is none */
  header: (name: string) => string | undefined
}

export type Answer<R> =
  | { route: R; params: Readonly<Record<string, string>> }
  /** `methods`: those that the path could be asked with; empty: it is not known at all */
  | { route: null; methods: string[] }

interface Entry<R> {
  route: R
  spec: RouteSpec
  rank: number
  hosts: { exact: Set<string>; suffixes: string[] } | null
  params: string[]
}

interface Node<R> {
  children: Map<string, Node<R>>
  param: Node<R> | null
  /** routes whose path ends here */
  exact: Entry<R>[]
  /** routes for everything from here on */
  below: Entry<R>[]
}

const NO_PARAMS = Object.freeze({})

export class Matcher<R> {
  readonly #root: Node<R> = node()

  /** `routes`: each with what it stands for. Disabled ones are left out. */
  constructor(routes: readonly { spec: RouteSpec; route: R }[]) {
    const sorted = routes.filter(({ spec }) => spec.enabled).sort((a, b) => compareRoutes(a.spec, b.spec))
    for (const [rank, { spec, route }] of sorted.entries()) this.#add(spec, route, rank)
  }

  match(question: Question): Answer<R> {
    let best: Entry<R> | null = null
    const refused: string[] = []
    const segments = question.path.split('/')
    const look = (entries: readonly Entry<R>[]) => {
      for (const entry of entries) {
        if (best && entry.rank > best.rank) return
        if (!hostFits(entry, question.host) || !headersFit(entry, question)) continue
        const { methods } = entry.spec.match
        if (methods.length === 0 || methods.includes(question.method)) best = entry
        else refused.push(...methods)
      }
    }
    walk(this.#root, segments, 1, look)
    const found = best as Entry<R> | null
    if (!found) return { route: null, methods: [...new Set(refused)].sort() }
    return { route: found.route, params: found.params.length === 0 ? NO_PARAMS : paramsOf(found, segments) }
  }

  #add(spec: RouteSpec, route: R, rank: number): void {
    const { kind, value } = spec.match.path
    const parts = value.split('/').slice(1)
    // "/api/" and "/api" are the same prefix: whole segments.
    if (kind === 'prefix' && parts.at(-1) === '') parts.pop()
    const rest = kind === 'pattern' && parts.at(-1) === '*'
    if (rest) parts.pop()
    let at = this.#root
    for (const part of parts) {
      if (kind === 'pattern' && part.startsWith(':')) {
        at.param ??= node()
        at = at.param
      } else {
        let child = at.children.get(part)
        if (!child) {
          child = node()
          at.children.set(part, child)
        }
        at = child
      }
    }
    const { hosts } = spec.match
    const entry: Entry<R> = {
      route,
      spec,
      rank,
      hosts:
        hosts.length === 0
          ? null
          : {
              exact: new Set(hosts.filter((host) => !host.startsWith('*.'))),
              suffixes: hosts.filter((host) => host.startsWith('*.')).map((host) => host.slice(1)),
            },
      params: kind === 'pattern' ? parts : [],
    }
    ;(kind === 'prefix' || rest ? at.below : at.exact).push(entry)
  }
}

/**
 * Order in which routes are looked at: priority; then a host before any host; then exact paths, patterns and prefixes, the
 * longer first; then more conditions; at last the id, so that it is the same everywhere.
 */
export function compareRoutes(a: RouteSpec, b: RouteSpec): number {
  return (
    b.priority - a.priority ||
    hostRank(b) - hostRank(a) ||
    pathRank(b) - pathRank(a) ||
    b.match.path.value.length - a.match.path.value.length ||
    b.match.headers.length - a.match.headers.length ||
    Math.sign(b.match.methods.length) - Math.sign(a.match.methods.length) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  )
}

/** Two routes that would take the same requests with the same rank: which one does would be left to their names. */
export function collide(a: RouteSpec, b: RouteSpec): boolean {
  if (!a.enabled || !b.enabled || a.priority !== b.priority || a.id === b.id) return false
  return shape(a) === shape(b)
}

function shape({ match }: RouteSpec): string {
  const path =
    match.path.kind === 'prefix' ? match.path.value.replace(/\/+$/, '') : match.path.value.replace(/:[^/]+/g, ':')
  const headers = match.headers.map(({ name, value }) => `${name}=${value ?? '*'}`).sort()
  return JSON.stringify([[...match.hosts].sort(), match.path.kind, path, [...match.methods].sort(), headers])
}

function hostRank({ match: { hosts } }: RouteSpec): number {
  if (hosts.length === 0) return 0
  return hosts.some((host) => host.startsWith('*.')) ? 1 : 2
}

function pathRank({ match: { path } }: RouteSpec): number {
  return path.kind === 'exact' ? 2 : path.kind === 'pattern' && !path.value.endsWith('*') ? 1 : 0
}

function walk<R>(
  at: Node<R>,
  segments: readonly string[],
  i: number,
  look: (entries: readonly Entry<R>[]) => void,
): void {
  if (at.below.length > 0) look(at.below)
  if (i === segments.length) {
    if (at.exact.length > 0) look(at.exact)
    return
  }
  const segment = segments[i] as string
  const child = at.children.get(segment)
  if (child) walk(child, segments, i + 1, look)
  if (at.param && segment !== '') walk(at.param, segments, i + 1, look)
}

function hostFits({ hosts }: Entry<unknown>, host: string): boolean {
  if (hosts === null || hosts.exact.has(host)) return true
  return hosts.suffixes.some((suffix) => host.length > suffix.length && host.endsWith(suffix))
}

function headersFit({ spec }: Entry<unknown>, question: Question): boolean {
  for (const { name, value } of spec.match.headers) {
    const has = question.header(name)
    if (has === undefined || (value !== null && has !== value)) return false
  }
  return true
}

function paramsOf({ params }: Entry<unknown>, segments: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [i, part] of params.entries()) if (part.startsWith(':')) found[part.slice(1)] = segments[i + 1] ?? ''
  return found
}

function node<R>(): Node<R> {
  return { children: new Map(), param: null, exact: [], below: [] }
}
