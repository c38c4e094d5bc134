/** Two values of one key, told apart field by field. Pure. */

export interface Change {
  /** `check.intervalMs` */
  path: string
  kind: 'added' | 'removed' | 'changed' | 'same'
  before: unknown
  after: unknown
}

/** Leaves by path. Lists of plain values are leaves too: "a, b" reads better than tags.0 and tags.1. */
export function leaves(value: unknown, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  if (isRecord(value)) {
    const entries = Object.entries(value)
    if (entries.length > 0) {
      for (const [key, child] of entries) leaves(child, path === '' ? key : `${path}.${key}`, into)
      return into
    }
  }
  if (Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null)) {
    value.forEach((item, at) => {
      leaves(item, path === '' ? String(at) : `${path}.${at}`, into)
    })
    return into
  }
  if (value !== undefined && !(path === '' && value === null)) into.set(path === '' ? 'value' : path, value)
  return into
}

/** Every field of either, in the order of `after` and then what only `before` had. */
export function diff(before: unknown, after: unknown): Change[] {
  const old = leaves(before)
  const now = leaves(after)
  const changes: Change[] = []
  for (const [path, value] of now) {
    if (!old.has(path)) changes.push({ path, kind: 'added', before: undefined, after: value })
    else {
      const was = old.get(path)
      changes.push({ path, kind: equal(was, value) ? 'same' : 'changed', before: was, after: value })
    }
  }
  for (const [path, value] of old) {
    if (!now.has(path)) changes.push({ path, kind: 'removed', before: value, after: undefined })
  }
  return changes
}

function equal(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Fields that hold milliseconds since the epoch, by how this product names them. */
const MOMENT = /(?:^|\.)(?:at|since|until|[a-z]+At|[a-zA-Z]*Since)$/

/** A leaf in words: dates as dates, durations with their unit, nothing as a dash. */
export function shown(path: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(String).join(', ')
  if (typeof value === 'number' && MOMENT.test(path) && value > 1e11) {
    return new Date(value).toISOString().replace('T', ' ').replace('Z', ' UTC')
  }
  if (typeof value === 'number' && path.endsWith('Ms')) return `${value.toLocaleString('en')} ms`
  if (typeof value === 'object') return JSON.stringify(value) === '{}' ? '–' : JSON.stringify(value)
  return String(value)
}
