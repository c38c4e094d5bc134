import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BUILT_IN_MIDDLEWARE } from './catalog.ts'
import { wrongSpec } from './spec.ts'

const field = { name: 'header', title: 'Header', help: '', kind: 'text', default: '', lengthMax: 10 }
const spec = (change: object = {}) => ({ name: 'tenants', title: 'Tenants', help: '', fields: [field], ...change })

test('what the built-in ones say of themselves would be taken, but for their names', () => {
  for (const built of BUILT_IN_MIDDLEWARE) {
    expect(wrongSpec({ ...built, name: `own-${built.name}` })).toBeNull()
    expect(wrongSpec(built)).toMatch(/built-in/)
  }
})

test.each([
  ['nothing', null, /object/],
  ['a name that no route could use', spec({ name: 'A b' }), /name/],
  ['no title', spec({ title: undefined }), /title/],
  ['fields that are none', spec({ fields: {} }), /fields/],
  ['two fields of one name', spec({ fields: [field, field] }), /two fields/],
  ['a kind that there is not', spec({ fields: [{ ...field, kind: 'colour' }] }), /kind/],
  ['no bound', spec({ fields: [{ ...field, lengthMax: undefined }] }), /lengthMax/],
  ['no default', spec({ fields: [{ ...field, default: undefined }] }), /default/],
  ['a default that would be refused', spec({ fields: [{ ...field, default: 'more than ten' }] }), /default of header/],
  ['a pattern that is none', spec({ fields: [{ ...field, pattern: '(' }] }), /regular expression/],
  ['a choice without choices', spec({ fields: [{ ...field, kind: 'choice' }] }), /choices/],
])('is refused: %s', (_, given, wrong) => {
  expect(wrongSpec(given)).toMatch(wrong)
})

test('never throws, whatever a module says', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (whole, fields) => {
      wrongSpec(whole)
      wrongSpec(spec({ fields }))
      wrongSpec(spec({ fields: [fields] }))
    }),
  )
})
