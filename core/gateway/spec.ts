/** Is what a middleware of one's own says of itself something that a catalog and a form can be made of? */
import { BUILT_IN_MIDDLEWARE } from './catalog.ts'
import { checkConfig, defaults, type Field } from './fields.ts'

const NAME = /^[a-z0-9-]{1,64}$/
const FIELD = /^[A-Za-z][A-Za-z0-9]{0,63}$/
const KINDS = new Set<Field['kind']>(['integer', 'number', 'boolean', 'text', 'choice', 'list', 'pairs', 'keys'])
const FIELDS_MAX = 50

/** What is wrong with it, in words; null: nothing. Never throws. */
export function wrongSpec(given: unknown): string | null {
  if (given === null || typeof given !== 'object') return 'its "spec" must be an object'
  const { name, title, help, fields } = given as Record<string, unknown>
  if (typeof name !== 'string' || !NAME.test(name)) return 'its name needs small letters, digits and "-", at most 64'
  if (BUILT_IN_MIDDLEWARE.some((spec) => spec.name === name)) return `"${name}" is the name of a built-in middleware`
  if (typeof title !== 'string' || title === '' || title.length > 100) return `"${name}" needs a title`
  if (typeof help !== 'string' || help.length > 500) return `"${name}" needs a help text of at most 500 characters`
  if (!Array.isArray(fields) || fields.length > FIELDS_MAX)
    return `"${name}" needs a list of at most ${FIELDS_MAX} fields`
  const seen = new Set<string>()
  for (const field of fields as Partial<Field>[]) {
    const wrong = wrongField(field, seen)
    if (wrong !== null) return `"${name}": ${wrong}`
  }
  const required = new Set((fields as Field[]).flatMap((f) => ('required' in f && f.required ? [f.name] : [])))
  const [problem] = checkConfig(fields as Field[], defaults(fields as Field[])).problems.filter(
    (text) => !required.has(text.split(':', 1)[0] as string),
  )
  return problem === undefined ? null : `"${name}": the default of ${problem}`
}

function wrongField(field: Partial<Field> | null, seen: Set<string>): string | null {
  if (field === null || typeof field !== 'object') return 'a field must be an object'
  const { name, kind, title, help } = field
  if (typeof name !== 'string' || !FIELD.test(name)) return 'each field needs a name of letters and digits'
  if (seen.has(name)) return `there are two fields "${name}"`
  seen.add(name)
  if (kind === undefined || !KINDS.has(kind)) return `the field "${name}" has a kind that there is not`
  if (typeof title !== 'string' || typeof help !== 'string') return `the field "${name}" needs a title and a help text`
  if (field.default === undefined) return `the field "${name}" needs a default`
  const bounds = field as Record<string, unknown>
  const needs: Partial<Record<Field['kind'], readonly string[]>> = {
    integer: ['min', 'max'],
    number: ['min', 'max'],
    text: ['lengthMax'],
    list: ['itemsMax', 'lengthMax'],
    pairs: ['itemsMax'],
    keys: ['itemsMax'],
  }
  const missing = needs[kind]?.find((bound) => typeof bounds[bound] !== 'number')
  if (missing !== undefined) return `the field "${name}" needs "${missing}"`
  if (kind === 'choice' && !(Array.isArray(bounds.choices) && bounds.choices.length > 0)) {
    return `the field "${name}" needs "choices"`
  }
  const { pattern } = bounds
  if (pattern === undefined) return null
  try {
    new RegExp(String(pattern))
    return null
  } catch {
    return `the pattern of the field "${name}" is not a regular expression`
  }
}
