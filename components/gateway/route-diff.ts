/** What a change does to a route, piece by piece, in words. Pure. */
import type { FieldValue } from '@/core/gateway/fields'
import type { RouteSpec, Step } from '@/core/gateway/route'
import { formatShare } from '../ui/figure'
import { pathWord, shares, targetWord } from './words'

export interface RouteChange {
  /** `path`, `rate-limit · requests` */
  what: string
  kind: 'added' | 'removed' | 'changed' | 'moved'
  before: string | null
  after: string | null
}

/** Nothing for what stays. A route that is new or removed is told as a whole. */
export function routeDiff(before: RouteSpec | null, after: RouteSpec | null): RouteChange[] {
  const old = before ? facts(before) : new Map<string, string>()
  const now = after ? facts(after) : new Map<string, string>()
  const changes: RouteChange[] = []
  for (const [what, value] of now) {
    const was = old.get(what)
    if (was === undefined) changes.push({ what, kind: 'added', before: null, after: value })
    else if (was !== value) changes.push({ what, kind: 'changed', before: was, after: value })
  }
  for (const [what, value] of old) {
    if (!now.has(what)) changes.push({ what, kind: 'removed', before: value, after: null })
  }
  return [...changes, ...chainDiff(before?.middleware ?? [], after?.middleware ?? [])]
}

const NONE = 'none'
const list = (words: readonly string[]) => (words.length === 0 ? NONE : words.join(', '))

function facts(route: RouteSpec): Map<string, string> {
  const { match, balance, rewrite } = route
  const share = shares(route.targets)
  const found = new Map<string, string>([
    ['description', route.description === '' ? NONE : route.description],
    ['enabled', route.enabled ? 'yes' : 'no'],
    ['priority', String(route.priority)],
    ['hosts', match.hosts.length === 0 ? 'any' : list(match.hosts)],
    ['path', `${pathWord(match.path)} (${match.path.kind})`],
    ['methods', match.methods.length === 0 ? 'any' : list(match.methods)],
    ['headers', list(match.headers.map(({ name, value }) => (value === null ? name : `${name}: ${value}`)))],
    ['balance', balance.by === 'hash' ? `hash of ${balance.hashHeader || 'the client’s address'}` : balance.by],
    ['own zone first', balance.zoneFirst ? 'yes' : 'no'],
    ['path rewritten to', rewrite.path ?? 'stays as it is'],
    ['host told to the service', rewrite.host === 'client' ? 'what the client sent' : 'its own address'],
  ])
  for (const [i, target] of route.targets.entries()) {
    found.set(`target ${targetWord(target)}`, formatShare(share[i] as number))
  }
  return found
}

/** Steps of the same kind are paired in their order; what only changed places is told as moved. */
function chainDiff(before: readonly Step[], after: readonly Step[]): RouteChange[] {
  const changes: RouteChange[] = []
  const left = before.map((step, at) => ({ step, at }))
  const pairs: { was: { step: Step; at: number }; now: { step: Step; at: number } }[] = []
  for (const [at, step] of after.entries()) {
    const found = left.findIndex((other) => other.step.use === step.use)
    if (found < 0) changes.push({ what: step.use, kind: 'added', before: null, after: configWord(step) })
    else pairs.push({ was: left.splice(found, 1)[0] as { step: Step; at: number }, now: { step, at } })
  }
  for (const { step } of left) changes.push({ what: step.use, kind: 'removed', before: configWord(step), after: null })
  const stay = longestRising(pairs.map(({ was }) => was.at))
  for (const [i, { was, now }] of pairs.entries()) {
    if (!stay.has(i)) {
      changes.push({ what: now.step.use, kind: 'moved', before: placeWord(was.at), after: placeWord(now.at) })
    }
    for (const name of new Set([...Object.keys(now.step.config), ...Object.keys(was.step.config)])) {
      const [a, b] = [was.step.config[name], now.step.config[name]]
      if (JSON.stringify(a) === JSON.stringify(b)) continue
      changes.push({ what: `${now.step.use} · ${name}`, kind: 'changed', before: valueWord(a), after: valueWord(b) })
    }
  }
  return changes
}

const placeWord = (at: number) => `place ${at + 1}`

/** Indices of a longest part that keeps its order: what is not in it has moved. */
function longestRising(at: readonly number[]): Set<number> {
  const best: number[][] = []
  for (const [i, value] of at.entries()) {
    let chosen: number[] = []
    for (const [j, path] of best.entries()) {
      if ((at[j] as number) < value && path.length > chosen.length) chosen = path
    }
    best.push([...chosen, i])
  }
  return new Set(best.reduce<number[]>((a, b) => (b.length > a.length ? b : a), []))
}

export function valueWord(value: FieldValue | undefined): string {
  if (value === undefined || value === null || value === '') return NONE
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (!Array.isArray(value)) return String(value)
  return list(value.map((item) => (Array.isArray(item) ? `${item[0]}: ${item[1]}` : String(item))))
}

function configWord({ config }: Step): string {
  const parts = Object.entries(config).map(([name, value]) => `${name} ${valueWord(value)}`)
  return parts.length === 0 ? 'without settings' : parts.join('; ')
}

/** Routes that going back to a revision changes: of what came later, the first change of each says what it was before. */
export function rolledBack(
  later: readonly { changes: readonly { route: string; before: RouteSpec | null }[] }[],
  present: ReadonlyMap<string, RouteSpec>,
): { route: string; before: RouteSpec | null; after: RouteSpec | null }[] {
  const wanted = new Map<string, RouteSpec | null>()
  for (const { changes } of later)
    for (const change of changes) {
      if (!wanted.has(change.route)) wanted.set(change.route, change.before)
    }
  return [...wanted].flatMap(([route, after]) => {
    const before = present.get(route) ?? null
    return routeDiff(before, after).length === 0 && (before === null) === (after === null)
      ? []
      : [{ route, before, after }]
  })
}
