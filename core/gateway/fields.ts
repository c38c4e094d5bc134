/**
 * What a middleware can be told, as data: checks a config, gives the form in the browser, and travels to where the
 * middleware's code is not.
 */

interface Common {
  name: string
  title: string
  help: string
  /** of numbers and texts, shown behind the input: `ms`, `requests` */
  unit?: string
}

export type Field = Common &
  (
    | { kind: 'integer' | 'number'; default: number | null; min: number; max: number }
    | { kind: 'boolean'; default: boolean }
    | { kind: 'text'; default: string; lengthMax: number; pattern?: string; required?: boolean }
    | { kind: 'choice'; default: string; choices: readonly { value: string; title: string }[] }
    /** texts in order */
    | {
        kind: 'list'
        default: readonly string[]
        itemsMax: number
        lengthMax: number
        pattern?: string
        required?: boolean
      }
    /** names and values in order */
    | { kind: 'pairs'; default: readonly (readonly [string, string])[]; itemsMax: number; pattern?: string }
    /** a name and a secret each; kept as SHA-256, never told again */
    | { kind: 'keys'; default: readonly (readonly [string, string])[]; itemsMax: number; required?: boolean }
  )

export type FieldValue = number | boolean | string | null | readonly string[] | readonly (readonly [string, string])[]
export type MiddlewareConfig = Readonly<Record<string, FieldValue>>

export interface Checked {
  /** complete: defaults filled in */
  config: MiddlewareConfig
  /** what is wrong, each beginning with the field's name; empty: nothing */
  problems: string[]
}

/** Fills in defaults and says what is wrong. Never throws. */
export function checkConfig(fields: readonly Field[], given: unknown): Checked {
  const problems: string[] = []
  const config: Record<string, FieldValue> = {}
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    return { config: defaults(fields), problems: ['the config must be an object'] }
  }
  const values = given as Record<string, unknown>
  for (const name of Object.keys(values)) {
    if (!fields.some((field) => field.name === name)) problems.push(`${name}: there is no such setting`)
  }
  for (const field of fields) {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined
    if (value === undefined) {
      config[field.name] = field.default
      if ('required' in field && field.required) problems.push(`${field.name}: give a value`)
      continue
    }
    const problem = wrong(field, value)
    if (problem) problems.push(`${field.name}: ${problem}`)
    config[field.name] = problem ? field.default : (value as FieldValue)
  }
  return { config, problems }
}

export function defaults(fields: readonly Field[]): Record<string, FieldValue> {
  return Object.fromEntries(fields.map((field) => [field.name, field.default]))
}

function wrong(field: Field, value: unknown): string | null {
  switch (field.kind) {
    case 'integer':
    case 'number':
      if (value === null && field.default === null) return null
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number'
      if (field.kind === 'integer' && !Number.isInteger(value)) return 'must be a whole number'
      return value < field.min || value > field.max ? `must be from ${field.min} to ${field.max}` : null
    case 'boolean':
      return typeof value === 'boolean' ? null : 'must be true or false'
    case 'choice':
      return field.choices.some((choice) => choice.value === value)
        ? null
        : `must be one of ${field.choices.map((choice) => choice.value).join(', ')}`
    case 'text':
      return (
        wrongText(value, field.lengthMax, field.pattern) ?? (field.required && value === '' ? 'give a value' : null)
      )
    case 'list': {
      if (!Array.isArray(value)) return 'must be a list'
      if (value.length > field.itemsMax) return `at most ${field.itemsMax} entries`
      if (field.required && value.length === 0) return 'give at least one entry'
      return first(value, (item) => wrongText(item, field.lengthMax, field.pattern))
    }
    case 'pairs':
    case 'keys': {
      if (!Array.isArray(value)) return 'must be a list of pairs'
      if (value.length > field.itemsMax) return `at most ${field.itemsMax} entries`
      if (field.kind === 'keys' && field.required && value.length === 0) return 'give at least one key'
      return first(value, (pair) => {
        if (!Array.isArray(pair) || pair.length !== 2) return 'must be a name and a value'
        const pattern = field.kind === 'pairs' ? field.pattern : '^[A-Za-z0-9._-]{1,64}$'
        return wrongText(pair[0], 256, pattern) ?? wrongText(pair[1], 4_096, undefined) ?? notLatin1(pair[1])
      })
    }
  }
}

/** Values of headers go out byte by byte: Node refuses to write others, in the middle of a request. */
function notLatin1(value: string): string | null {
  const wrong = [...value].find((c) => c > '\u00ff')
  return wrong === undefined ? null : `has "${wrong}", which no header can carry; use Latin letters, or encode it`
}

function first(items: readonly unknown[], look: (item: unknown) => string | null): string | null {
  for (const [i, item] of items.entries()) {
    const problem = look(item)
    if (problem) return `entry ${i + 1} ${problem}`
  }
  return null
}

function wrongText(value: unknown, lengthMax: number, pattern: string | undefined): string | null {
  if (typeof value !== 'string') return 'must be text'
  if (value.length > lengthMax) return `must be at most ${lengthMax} characters`
  // A line break would let a value become a header of its own.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(value)) return 'must have no control characters'
  if (pattern !== undefined && !new RegExp(pattern).test(value))
    return `"${value.slice(0, 60)}" does not have the form it needs`
  return null
}
