/** The URL of the page: every view of it can be kept as a link. */
import {
  createLoader,
  type inferParserType,
  parseAsFloat,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from 'nuqs/server'
import { CUT_QUALITIES } from '@/core/latency'
import { AGAINST, comparedWith, periodOf, RANGE_NAMES } from './ranges'

export const latencySearch = {
  range: parseAsStringLiteral(RANGE_NAMES).withDefault('15m'),
  /** `edge`: a caller and a callee; only a callee: a service */
  caller: parseAsString,
  callee: parseAsString,
  route: parseAsString,
  instance: parseAsString,
  against: parseAsStringLiteral(AGAINST).withDefault('none'),
  /** which quality is stacked; without it, the one of most requests */
  quality: parseAsStringLiteral(CUT_QUALITIES),
  only: parseAsStringLiteral(['all', 'failed']).withDefault('all'),
  /** a cell of the heatmap: moments and durations */
  from: parseAsInteger,
  to: parseAsInteger,
  least: parseAsFloat,
  below: parseAsFloat,
  /** open in the panel beside */
  trace: parseAsString,
}

export const loadLatencySearch = createLoader(latencySearch)

export type LatencySearch = inferParserType<typeof latencySearch>

/** What the page asks for, at a moment. */
export function latencyInput(search: LatencySearch, now: number) {
  const period = periodOf(search.range, now)
  const compare = comparedWith(period, search.against)
  return { data: { scope: scopeOf(search), period, ...(compare ? { compare } : {}) } }
}

export function scopeOf({ caller, callee, route, instance }: LatencySearch) {
  return {
    ...(caller === null ? {} : { caller }),
    ...(callee === null ? {} : { callee }),
    ...(instance === null ? (route === null ? {} : { route }) : { instance }),
  }
}
