import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalisePath, normaliseTarget } from './path.ts'

describe('one spelling for each path', () => {
  test.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/a/..', '/'],
    ['/a/b/.', '/a/b/'],
    ['/a/%2e%2e/b', '/b'],
    ['/a/%2E./b', '/b'],
    ['/%61dmin', '/admin'],
    ['/a%2db', '/a-b'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['//evil.example/x', '/evil.example/x'],
    ['///a', '/a'],
    ['/a//b', '/a//b'],
    ['/.//a', '/a'],
    ['/a;v=1/b', '/a;v=1/b'],
    ['/...', '/...'],
    ['/.well-known/x', '/.well-known/x'],
  ])('%s is %s', (raw, normal) => expect(normalisePath(raw)).toBe(normal))

  test.each([
    ['/a%2fb', 'encoded "/"'],
    ['/a%2Fb', 'encoded "/"'],
    ['/a%5cb', 'encoded "\\"'],
    ['/a\\b', 'backslash'],
    ['/a%00', 'control character'],
    ['/a%0d%0aSet-Cookie:x', 'control character'],
    ['/a%', 'hexadecimal'],
    ['/a%zz', 'hexadecimal'],
    ['/a%2', 'hexadecimal'],
    ['a', 'begin with "/"'],
    ['/a b', 'no URL may hold'],
    ['/a\u00e9', 'no URL may hold'],
    ['/a#b', 'no URL may hold'],
  ])('%s is refused', (raw, why) => expect(normalisePath(raw)).toEqual({ refused: expect.stringContaining(why) }))

  const piece = fc.constantFrom(
    'a',
    'B',
    '.',
    '..',
    '%2e',
    '%2E',
    '%61',
    '%c3',
    '%41',
    '/',
    '//',
    '-',
    '~',
    '%20',
    ';',
    '%25',
  )
  const anyPath = fc.array(piece, { maxLength: 14 }).map((pieces) => `/${pieces.join('')}`)

  test('what is normal stays as it is, and has no dot segment and no doubled beginning', () => {
    fc.assert(
      fc.property(anyPath, (raw) => {
        const once = normalisePath(raw)
        if (typeof once !== 'string') return
        expect(normalisePath(once)).toBe(once)
        expect(once.split('/')).not.toContain('.')
        expect(once.split('/')).not.toContain('..')
        expect(once.startsWith('//')).toBe(false)
      }),
      { numRuns: 5_000 },
    )
  })

  test('resolves as the URL standard does, wherever that leaves nothing open', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', '.', '..', 'c.d', '%2e', '%2E%2e'), { maxLength: 10 }),
        (segments) => {
          const raw = `/${segments.join('/')}`
          expect(normalisePath(raw)).toBe(new URL(`http://x${raw}`).pathname)
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test('percent-encoded and plain spellings of one path are one', () => {
    const plain = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_~'), minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(plain, fc.func(fc.boolean()), (text, encode) => {
        const spelled = [...text].map((c, i) => (encode(i) ? `%${c.charCodeAt(0).toString(16)}` : c)).join('')
        expect(normalisePath(`/${spelled}`)).toBe(`/${text}`)
      }),
    )
  })
})

describe('a target', () => {
  test('keeps its query as it was sent', () => {
    expect(normaliseTarget('/a/../b?x=%2F../&y=1')).toEqual({ path: '/b', query: '?x=%2F../&y=1' })
    expect(normaliseTarget('/a?')).toEqual({ path: '/a', query: '?' })
  })

  test('is refused with a query that could break a line or hide a fragment', () => {
    expect(normaliseTarget('/a?x=1#y')).toHaveProperty('refused')
    expect(normaliseTarget('/a?x=\r\ny')).toHaveProperty('refused')
    expect(normaliseTarget('/a?x y')).toHaveProperty('refused')
  })
})
