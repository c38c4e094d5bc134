/**
 * How a step's input is put together: any JSON value in which a string that begins with `$.` is replaced by what it names.
 *
 * - `$.input`, `$.input.order.items[0].sku`: the run's input
 * - `$.steps.reserve.output.id`: the output of a step that is done before; `$.steps.reserve.input` its input
 * - `$.run.id`, `$.run.attributes.customer`
 * - in an undo: also `$.do.input` and `$.do.output` of the step itself
 *
 * What is not there is null. `$$.` stands for a literal `$.`. A field with other characters is written `['a field']`.
 */
import type { Json } from './definition.ts'

const PATH = /^\$(?:\.[A-Za-z_][\w-]*|\[\d{1,6}\]|\['[^'\]]{1,100}'\])+$/
const PART = /\.([A-Za-z_][\w-]*)|\[(\d{1,6})\]|\['([^'\]]{1,100})'\]/g

export function isPath(text: string): boolean {
  return text.startsWith('$.') || text.startsWith("$['")
}

/** The parts of a path, or null when it is none. */
export function parsePath(text: string): (string | number)[] | null {
  if (!PATH.test(text)) return null
  return [...text.matchAll(PART)].map((m) => (m[2] === undefined ? ((m[1] ?? m[3]) as string) : Number(m[2])))
}

export function lookUp(text: string, scope: Json): Json {
  let value: Json | undefined = scope
  for (const part of parsePath(text) ?? []) {
    if (value === null || typeof value !== 'object') return null
    if (Array.isArray(value)) value = typeof part === 'number' ? value[part] : undefined
    else value = Object.hasOwn(value, part) ? value[part] : undefined
  }
  return value ?? null
}

export function fillIn(template: Json, scope: Json): Json {
  if (typeof template === 'string') {
    if (template.startsWith('$$.')) return template.slice(1)
    return isPath(template) ? lookUp(template, scope) : template
  }
  if (template === null || typeof template !== 'object') return template
  if (Array.isArray(template)) return template.map((item) => fillIn(item, scope))
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillIn(value, scope)]))
}

/** Every path in a template. */
export function pathsIn(template: Json): string[] {
  if (typeof template === 'string') return isPath(template) ? [template] : []
  if (template === null || typeof template !== 'object') return []
  return Object.values(template).flatMap(pathsIn)
}
