/** The part of JSON Schema that forms need: what a value must look like, and in which words it does not. Pure. */
import type { Json } from '@/core/saga/definition'

export interface Problem {
  /** `order.items[0].sku`; empty: the value itself */
  path: string
  message: string
}

type Schema = { [key: string]: Json }

const isSchema = (value: Json | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const PROBLEMS_MAX = 20

export function problemsOf(schema: Json | null, value: Json): Problem[] {
  const found: Problem[] = []
  if (isSchema(schema ?? undefined)) check(schema as Schema, value, '', found)
  return found.slice(0, PROBLEMS_MAX)
}

function check(schema: Schema, value: Json, path: string, found: Problem[]): void {
  const wrong = (message: string) => found.push({ path, message })
  const types = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? [] : [schema.type]
  if (types.length > 0 && !types.some((type) => isOf(String(type), value))) {
    wrong(`must be ${types.map((type) => typeWord(String(type))).join(' or ')}, not ${typeWord(typeOf(value))}`)
    return
  }
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => same(one, value))) {
    wrong(`must be one of ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`)
  }
  if (schema.const !== undefined && !same(schema.const, value)) wrong(`must be ${JSON.stringify(schema.const)}`)
  if (typeof value === 'string') checkString(schema, value, wrong)
  else if (typeof value === 'number') checkNumber(schema, value, wrong)
  else if (Array.isArray(value)) {
    if (typeof schema.minItems === 'number' && value.length < schema.minItems)
      wrong(`needs at least ${schema.minItems}`)
    if (typeof schema.maxItems === 'number' && value.length > schema.maxItems) wrong(`takes at most ${schema.maxItems}`)
    if (isSchema(schema.items)) {
      const { items } = schema
      value.forEach((item, at) => {
        check(items, item, `${path}[${at}]`, found)
      })
    }
  } else if (value !== null && typeof value === 'object') {
    const properties = isSchema(schema.properties) ? schema.properties : {}
    for (const name of Array.isArray(schema.required) ? schema.required : []) {
      if (!Object.hasOwn(value, String(name))) found.push({ path: joined(path, String(name)), message: 'is missing' })
    }
    for (const [name, item] of Object.entries(value)) {
      const own = properties[name]
      if (isSchema(own)) check(own, item, joined(path, name), found)
      else if (own === undefined && schema.additionalProperties === false) {
        found.push({ path: joined(path, name), message: 'is not known here' })
      }
    }
  }
}

function checkString(schema: Schema, value: string, wrong: (message: string) => void): void {
  if (typeof schema.minLength === 'number' && value.length < schema.minLength) {
    wrong(`needs at least ${schema.minLength} ${schema.minLength === 1 ? 'character' : 'characters'}`)
  }
  if (typeof schema.maxLength === 'number' && value.length > schema.maxLength) {
    wrong(`takes at most ${schema.maxLength} characters`)
  }
  if (typeof schema.pattern !== 'string') return
  try {
    if (!new RegExp(schema.pattern, 'u').test(value)) wrong(`must match ${schema.pattern}`)
  } catch {
    // A pattern that is none says nothing about the value.
  }
}

function checkNumber(schema: Schema, value: number, wrong: (message: string) => void): void {
  if (typeof schema.minimum === 'number' && value < schema.minimum) wrong(`must be at least ${schema.minimum}`)
  if (typeof schema.maximum === 'number' && value > schema.maximum) wrong(`must be at most ${schema.maximum}`)
  if (typeof schema.exclusiveMinimum === 'number' && value <= schema.exclusiveMinimum) {
    wrong(`must be above ${schema.exclusiveMinimum}`)
  }
}

function isOf(type: string, value: Json): boolean {
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value)
  return typeOf(value) === type
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function typeWord(type: string): string {
  const words: Record<string, string> = {
    object: 'an object',
    array: 'a list',
    string: 'a text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    null: 'null',
  }
  return words[type] ?? type
}

const same = (a: Json, b: Json) => JSON.stringify(a) === JSON.stringify(b)
const joined = (path: string, name: string) => (path === '' ? name : `${path}.${name}`)

/** Where the text of some JSON goes wrong, in words; null: it does not. */
export function parseJson(text: string): { value: Json; problem: null } | { value: null; problem: string } {
  if (text.trim() === '') return { value: null, problem: null }
  try {
    return { value: JSON.parse(text) as Json, problem: null }
  } catch (error) {
    return { value: null, problem: placed(text, (error as Error).message) }
  }
}

function placed(text: string, message: string): string {
  const plain = message.replace(/ in JSON at position.*$| \(line .*\)$/, '').replace(/, "[\s\S]*$/, '')
  const at = /position (\d+)/.exec(message)?.[1]
  const end = at === undefined ? text.length : Number(at)
  const before = text.slice(0, end).split('\n')
  return `This is no JSON: ${plain}, line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}.`
}

/** What is wrong with the text, in one line; null: nothing. */
export function problemIn(text: string, schema: Json | null): string | null {
  const parsed = parseJson(text)
  if (parsed.problem !== null) return parsed.problem
  const [first, ...more] = problemsOf(schema, parsed.value)
  if (!first) return null
  const words = `${first.path === '' ? 'The value' : first.path} ${first.message}.`
  return more.length === 0 ? words : `${words} ${more.length} more.`
}

export const textOf = (value: unknown): string => JSON.stringify(value ?? null, null, 2)

export interface FieldSpec {
  name: string
  label: string
  hint: string | null
  required: boolean
  type: 'text' | 'number' | 'integer' | 'boolean' | 'choice'
  choices: string[]
}

/** Fields for an object of plain values; null when it holds more than a form shows well. */
export function fieldsOf(schema: Json | null): FieldSpec[] | null {
  if (!isSchema(schema ?? undefined)) return null
  const { properties, required, type } = schema as Schema
  if ((type !== undefined && type !== 'object') || !isSchema(properties)) return null
  const needed = Array.isArray(required) ? required.map(String) : []
  const fields: FieldSpec[] = []
  for (const [name, own] of Object.entries(properties)) {
    if (!isSchema(own)) return null
    const choices =
      Array.isArray(own.enum) && own.enum.every((one) => typeof one === 'string') ? own.enum.map(String) : []
    const kind =
      choices.length > 0
        ? 'choice'
        : own.type === 'string'
          ? 'text'
          : own.type === 'number' || own.type === 'integer' || own.type === 'boolean'
            ? own.type
            : null
    if (kind === null) return null
    fields.push({
      name,
      label: typeof own.title === 'string' ? own.title : name,
      hint: typeof own.description === 'string' ? own.description : null,
      required: needed.includes(name),
      type: kind,
      choices,
    })
  }
  return fields.length === 0 ? null : fields
}
