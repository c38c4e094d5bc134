/** A fault that is about to be made, as the form holds it. Pure. */
import { parseAsString } from 'nuqs/server'
import type { FaultTarget } from '@/core/gateway/fault'

export const faultSearch = {
  route: parseAsString.withDefault(''),
  caller: parseAsString.withDefault(''),
  callee: parseAsString.withDefault(''),
}

export interface FaultDraft {
  on: 'route' | 'calls'
  route: string
  caller: string
  callee: string
  delayMs: number
  abortStatus: number | null
  sharePercent: number
  forMs: number
}

export const DURATIONS = [
  { value: '60000', label: '1 minute' },
  { value: '300000', label: '5 minutes' },
  { value: '900000', label: '15 minutes' },
  { value: '3600000', label: '1 hour' },
  { value: '14400000', label: '4 hours' },
] as const

export function draftFrom(search: { route: string; caller: string; callee: string }): FaultDraft {
  const on = search.caller !== '' || search.callee !== '' ? 'calls' : 'route'
  return { on, ...search, delayMs: 300, abortStatus: null, sharePercent: 100, forMs: 300_000 }
}

export type FaultPlace = 'target' | 'does' | 'delayMs' | 'abortStatus' | 'share'

const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/i

/** What keeps it from being made, each beside what it concerns. */
export function wrongFault(draft: FaultDraft): Partial<Record<FaultPlace, string>> {
  const { on, route, caller, callee, delayMs, abortStatus, sharePercent } = draft
  const wrong: Partial<Record<FaultPlace, string>> = {}
  if (on === 'route' && route === '') wrong.target = 'Choose a route.'
  if (on === 'calls' && (!NAME.test(caller) || !NAME.test(callee))) {
    wrong.target = 'Name the service that calls and the one that is called.'
  }
  if (!Number.isInteger(delayMs) || delayMs < 0 || delayMs > 60_000) wrong.delayMs = 'From 0 to 60000 ms.'
  if (abortStatus !== null && (!Number.isInteger(abortStatus) || abortStatus < 400 || abortStatus > 599)) {
    wrong.abortStatus = 'From 400 to 599, or empty.'
  }
  if (!(sharePercent > 0 && sharePercent <= 100)) wrong.share = 'Above 0, up to 100%.'
  if (delayMs === 0 && abortStatus === null) wrong.does = 'Give a delay, a status to answer with, or both.'
  return wrong
}

export function targetOf({ on, route, caller, callee }: FaultDraft): FaultTarget {
  return on === 'route' ? { route } : { caller, callee }
}
