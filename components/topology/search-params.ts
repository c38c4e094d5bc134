/** What the address of the map says: everything that can be chosen on it. */
import { parseAsArrayOf, parseAsBoolean, parseAsString, parseAsStringLiteral } from 'nuqs/server'
import { HEALTH_STATES } from '../../core/instance.ts'

export const GROUPINGS = ['auto', 'none', 'zone', 'prefix'] as const
export const VIEWS = ['map', 'list'] as const

export const topologyParams = {
  /** words to look for */
  q: parseAsString.withDefault(''),
  /** only services in, or with an instance in, one of these states */
  state: parseAsArrayOf(parseAsStringLiteral(HEALTH_STATES)).withDefault([]),
  group: parseAsStringLiteral(GROUPINGS).withDefault('auto'),
  /** open groups */
  open: parseAsArrayOf(parseAsString).withDefault([]),
  /** without it: a map where there is room, a list where there is not */
  view: parseAsStringLiteral(VIEWS),
  /** how full each service is, instead of its traffic */
  load: parseAsBoolean.withDefault(false),
  /** what the panel shows: one of these */
  service: parseAsString,
  edge: parseAsString,
  cluster: parseAsString,
}
