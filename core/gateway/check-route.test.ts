import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ValidationError } from '../errors.ts'
import { BUILT_IN_MIDDLEWARE } from './catalog.ts'
import { checkRoute } from './check-route.ts'
import { checkConfig, defaults } from './fields.ts'
import { type RouteParts, testRoute } from './test-route.ts'

function problems(parts: RouteParts, others: RouteParts[] = []): string {
  try {
    checkRoute(
      testRoute('a', parts),
      others.map((other, i) => testRoute(`other-${i}`, other)),
    )
    return ''
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    return (error as ValidationError).message
  }
}

describe('a route', () => {
  test('that is sound is taken, with the defaults of its middlewares', () => {
    const checked = checkRoute(testRoute('a', { middleware: [{ use: 'timeout', config: { ms: 500 } }] }), [])
    expect(checked.middleware[0]?.config).toMatchObject({ ms: 500, idleMs: expect.any(Number) })
  })

  test.each<[string, RouteParts, string]>([
    ['a host in capitals', { match: { hosts: ['API.example.org'] } }, 'not a host name'],
    ['a dot segment', { match: { path: { kind: 'prefix', value: '/a/../b' } } }, 'did you mean "/b"'],
    ['an encoded slash', { match: { path: { kind: 'exact', value: '/a%2fb' } } }, 'encoded "/"'],
    ['a name twice', { match: { path: { kind: 'pattern', value: '/:a/:a' } } }, 'stands in it twice'],
    ['a star in the middle', { match: { path: { kind: 'pattern', value: '/a/*/b' } } }, 'only stand at the end'],
    ['a method in small letters', { match: { methods: ['get'] } }, 'in capitals'],
    ['CONNECT', { match: { methods: ['CONNECT'] } }, 'never passes'],
    ['no target', { targets: [] }, 'give a service or addresses'],
    ['both kinds of target', { targets: [{ service: 'a', addresses: ['b:1'], weight: 1 }] }, 'either a service'],
    ['an address without a port', { targets: [{ service: null, addresses: ['host'], weight: 1 }] }, 'not an address'],
    ['a port too high', { targets: [{ service: null, addresses: ['h:70000'], weight: 1 }] }, 'not an address'],
    ['weights of nothing', { targets: [{ service: 'a', addresses: [], weight: 0 }] }, 'all weights are 0'],
    [
      'a rewritten pattern',
      { match: { path: { kind: 'pattern', value: '/:a' } }, rewrite: { path: '/', host: 'client' } },
      'cannot be rewritten',
    ],
    [
      'an unknown middleware',
      { middleware: [{ use: 'magic', config: {} }] },
      'there is no "magic". There are: request-id',
    ],
    ['a setting out of range', { middleware: [{ use: 'timeout', config: { ms: -1 } }] }, 'ms: must be from'],
    [
      'a setting that is not one',
      { middleware: [{ use: 'timeout', config: { mss: 1 } }] },
      'mss: there is no such setting',
    ],
    [
      'one that stands only once',
      {
        middleware: [
          { use: 'timeout', config: {} },
          { use: 'timeout', config: {} },
        ],
      },
      'only once',
    ],
    [
      'a line break in a header',
      { middleware: [{ use: 'headers', config: { setRequest: [['x-a', 'b\r\nx-evil: 1']] } }] },
      'no control characters',
    ],
  ])('with %s is refused in words', (_, parts, said) => expect(problems(parts)).toContain(said))

  test('tells everything that is wrong at once', () => {
    const said = problems({ match: { hosts: ['?'], methods: ['get'] }, targets: [] })
    expect(said.match(/^- /gm)).toHaveLength(3)
  })

  test('that takes the same requests as another is refused by the other’s name', () => {
    expect(problems({}, [{}])).toContain('"other-0" takes the same requests')
    expect(problems({ priority: 1 }, [{}])).toBe('')
  })
})

describe('the config of a middleware', () => {
  test.each(BUILT_IN_MIDDLEWARE.map((spec) => [spec.name, spec] as const))('%s: its defaults are sound', (_, spec) => {
    const required = spec.fields.filter((field) => 'required' in field && field.required).map(({ name }) => name)
    const { problems: wrong } = checkConfig(spec.fields, {})
    expect(wrong.map((text) => text.split(':')[0])).toEqual(required)
    const { [Symbol() as never]: _none, ...values } = defaults(spec.fields)
    const given = Object.fromEntries(Object.entries(values).filter(([name]) => !required.includes(name)))
    expect(checkConfig(spec.fields, given).problems).toHaveLength(required.length)
  })

  test('whatever is given, the outcome is complete and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BUILT_IN_MIDDLEWARE), fc.anything(), (spec, given) => {
        const { config } = checkConfig(spec.fields, given)
        expect(Object.keys(config).sort()).toEqual(spec.fields.map(({ name }) => name).sort())
      }),
    )
  })
})
