import { createHash } from 'node:crypto'
import type { Json } from '../../core/saga/definition.ts'

/** The same for equal values, whatever the order of their fields. */
export function hashOf(value: Json): string {
  return createHash('sha256').update(canonical(value)).digest('base64')
}

function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const fields = Object.keys(value).sort()
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`).join(',')}}`
}
