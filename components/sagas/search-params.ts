/** What the addresses of the pages of sagas say. */
import { parseAsArrayOf, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs/server'
import { PHASES } from '@/core/saga/event'
import { RUN_STATUSES } from '@/core/saga/state'

/** How long ago a run may have been started at most. */
export const SPANS = ['15m', '1h', '24h', '7d'] as const

export const runsParams = {
  q: parseAsString.withDefault(''),
  state: parseAsArrayOf(parseAsStringLiteral(RUN_STATUSES)).withDefault([]),
  saga: parseAsString.withDefault(''),
  /** `customer:c-7`, each must hold */
  attr: parseAsArrayOf(parseAsString).withDefault([]),
  since: parseAsStringLiteral(SPANS),
}

export const RUN_VIEWS = ['lanes', 'graph', 'time', 'history'] as const
export type RunViewName = (typeof RUN_VIEWS)[number]

export const runParams = {
  view: parseAsStringLiteral(RUN_VIEWS).withDefault('lanes'),
  /** open in the panel */
  step: parseAsString,
  phase: parseAsStringLiteral(PHASES).withDefault('do'),
  /** the entry of the history that is looked at; without it the present */
  at: parseAsInteger,
}

export const definitionParams = {
  version: parseAsInteger,
  /** compared with this one */
  against: parseAsInteger,
}
