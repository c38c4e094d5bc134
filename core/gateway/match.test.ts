import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collide, compareRoutes, Matcher } from './match.ts'
import type { RouteSpec } from './route.ts'
import { type RouteParts, testRoute } from './test-route.ts'

interface Asked {
  method?: string
  host?: string
  headers?: Record<string, string>
}

function ask(
  routes: Record<string, RouteParts>,
  path: string,
  { method = 'GET', host = 'x', headers = {} }: Asked = {},
) {
  const specs = Object.entries(routes).map(([id, parts]) => testRoute(id, parts))
  const matcher = new Matcher(specs.map((spec) => ({ spec, route: spec.id })))
  return matcher.match({ method, host, path, header: (name) => headers[name] })
}
const at = (kind: RouteSpec['match']['path']['kind'], value: string, more: RouteParts = {}): RouteParts => ({
  ...more,
  match: { path: { kind, value }, ...more.match },
})

describe('which route takes a request', () => {
  test('a prefix matches whole segments', () => {
    const routes = { api: at('prefix', '/api') }
    expect(ask(routes, '/api').route).toBe('api')
    expect(ask(routes, '/api/').route).toBe('api')
    expect(ask(routes, '/api/x').route).toBe('api')
    expect(ask(routes, '/apis').route).toBeNull()
    expect(ask({ api: at('prefix', '/api/') }, '/api').route).toBe('api')
  })

  test('the more specific goes first: exact, pattern, the longer prefix', () => {
    const routes = {
      root: at('prefix', '/'),
      orders: at('prefix', '/orders'),
      one: at('pattern', '/orders/:id'),
      health: at('exact', '/orders/health'),
      all: at('pattern', '/orders/:id/*'),
    }
    expect(ask(routes, '/orders/health').route).toBe('health')
    expect(ask(routes, '/orders/7')).toEqual({ route: 'one', params: { id: '7' } })
    expect(ask(routes, '/orders/7/lines/2')).toEqual({ route: 'all', params: { id: '7' } })
    expect(ask(routes, '/orders').route).toBe('orders')
    expect(ask(routes, '/other').route).toBe('root')
  })

  test('a parameter is one segment, never an empty one', () => {
    expect(ask({ one: at('pattern', '/a/:id') }, '/a/').route).toBeNull()
    expect(ask({ one: at('pattern', '/a/:id') }, '/a/b/c').route).toBeNull()
  })

  test('priority comes before everything; a disabled route takes nothing', () => {
    const routes = { wide: at('prefix', '/', { priority: 10 }), exact: at('exact', '/a') }
    expect(ask(routes, '/a').route).toBe('wide')
    expect(ask({ ...routes, wide: { ...routes.wide, enabled: false } }, '/a').route).toBe('exact')
  })

  test('hosts: named before below a name before any', () => {
    const routes = {
      any: at('prefix', '/long/prefix'),
      below: at('prefix', '/', { match: { hosts: ['*.example.org'] } }),
      named: at('prefix', '/', { match: { hosts: ['api.example.org'] } }),
    }
    expect(ask(routes, '/long/prefix', { host: 'api.example.org' }).route).toBe('named')
    expect(ask(routes, '/long/prefix', { host: 'web.example.org' }).route).toBe('below')
    expect(ask(routes, '/long/prefix', { host: 'example.org' }).route).toBe('any')
    expect(ask(routes, '/long/prefix', { host: 'evilexample.org' }).route).toBe('any')
  })

  test('headers and methods are conditions; a wrong method tells which are right', () => {
    const routes = {
      read: at('prefix', '/a', { match: { methods: ['GET', 'HEAD'] } }),
      write: at('prefix', '/a', { match: { methods: ['POST'] } }),
      canary: at('prefix', '/a', { priority: 1, match: { headers: [{ name: 'x-canary', value: 'yes' }] } }),
    }
    expect(ask(routes, '/a').route).toBe('read')
    expect(ask(routes, '/a', { method: 'POST' }).route).toBe('write')
    expect(ask(routes, '/a', { headers: { 'x-canary': 'yes' } }).route).toBe('canary')
    expect(ask(routes, '/a', { headers: { 'x-canary': 'no' } }).route).toBe('read')
    expect(ask(routes, '/a', { method: 'DELETE' })).toEqual({ route: null, methods: ['GET', 'HEAD', 'POST'] })
    expect(ask(routes, '/b', { method: 'DELETE' })).toEqual({ route: null, methods: [] })
  })

  const segment = fc.constantFrom('a', 'b', 'c')
  const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
  const pattern = fc
    .tuple(fc.array(fc.oneof(segment, fc.constantFrom(':x', ':y')), { maxLength: 3 }), fc.boolean())
    .map(([parts, rest]) => {
      // A name may stand in a pattern only once.
      const named = parts.map((part, i) => (part.startsWith(':') && parts.indexOf(part) < i ? 'a' : part))
      return `/${[...named, ...(rest ? ['*'] : [])].join('/')}`
    })
  const match = fc.record({
    hosts: fc.subarray(['x', 'api.x', '*.x']),
    path: fc.oneof(
      path.map((value) => ({ kind: 'exact' as const, value })),
      path.map((value) => ({ kind: 'prefix' as const, value })),
      pattern.map((value) => ({ kind: 'pattern' as const, value })),
    ),
    methods: fc.subarray(['GET', 'POST']),
  })

  /** The definition, read out one route after another. */
  function plainly(specs: readonly RouteSpec[], asked: { method: string; host: string; path: string }): string | null {
    const sorted = [...specs].sort(compareRoutes)
    const found = sorted.find(
      ({
        match: {
          hosts,
          path: { kind, value },
          methods,
        },
      }) => {
        const host =
          hosts.length === 0 ||
          hosts.some((h) => (h.startsWith('*.') ? asked.host.endsWith(h.slice(1)) : h === asked.host))
        const source = value
          .replace(/:[^/]+/g, '[^/]+')
          .replace(/\/\*$/, '(?:/.*)?')
          .replace(/^\/$/, kind === 'exact' ? '/' : '')
        const expression = kind === 'prefix' ? `^${source}(?:/.*)?$` : `^${source || '/?'}$`
        return (
          host && (methods.length === 0 || methods.includes(asked.method)) && new RegExp(expression).test(asked.path)
        )
      },
    )
    return found?.id ?? null
  }

  test('the tree finds what looking at every route in order finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(match, fc.integer({ min: 0, max: 2 })), { maxLength: 12 }),
        fc.record({ method: fc.constantFrom('GET', 'POST'), host: fc.constantFrom('x', 'api.x', 'y'), path }),
        (parts, asked) => {
          const specs = parts.map(([one, priority], i) => testRoute(`r${i}`, { match: one, priority }))
          const matcher = new Matcher(specs.map((spec) => ({ spec, route: spec.id })))
          expect(matcher.match({ ...asked, header: () => undefined }).route).toBe(plainly(specs, asked))
        },
      ),
      { numRuns: 5_000 },
    )
  })

  test('routes that would be told apart by their names alone collide', () => {
    expect(collide(testRoute('a', at('prefix', '/x')), testRoute('b', at('prefix', '/x/')))).toBe(true)
    expect(collide(testRoute('a', at('pattern', '/x/:a')), testRoute('b', at('pattern', '/x/:b')))).toBe(true)
    expect(collide(testRoute('a', at('exact', '/x')), testRoute('b', at('exact', '/x', { priority: 1 })))).toBe(false)
    expect(collide(testRoute('a', at('exact', '/x')), testRoute('b', at('exact', '/x', { enabled: false })))).toBe(
      false,
    )
  })

  test('a lookup asks the routes on its way only, however many there are', () => {
    const many = Array.from({ length: 500 }, (_, i) => testRoute(`r${i}`, at('prefix', `/s${i}`)))
    let read = 0
    const counting = many.map((spec) => ({
      route: spec.id,
      spec: {
        ...spec,
        match: Object.defineProperty({ ...spec.match }, 'methods', {
          get() {
            read += 1
            return []
          },
        }) as RouteSpec['match'],
      },
    }))
    const matcher = new Matcher(counting)
    read = 0
    expect(matcher.match({ method: 'GET', host: 'x', path: '/s321/a', header: () => undefined }).route).toBe('r321')
    expect(read).toBeLessThanOrEqual(2)
  })
})
