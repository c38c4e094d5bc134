'use client'
import { useMutation } from '@tanstack/react-query'
import type { OverrideMode } from '@/core/breaker-override'
import type { BreakerView } from '@/core/breaker-view'
import type { Act } from '../services/acts'
import { holdfastError, operation, useTRPC } from '../trpc'
import type { Confirmed } from '../ui/confirm-dialog'
import { formatRate } from '../ui/figure'
import { failed, told } from '../ui/toast'
import { MODE_WORD } from './words'

type Undo =
  | { procedure: 'reset' | 'clearOverride'; expectedVersion: number }
  | { procedure: 'override'; expectedVersion: number; mode: OverrideMode; forMs: number | null }

const WILL: Record<OverrideMode, string> = {
  'forced-open': 'Every call is refused, whatever the target does.',
  'forced-closed': 'Every call passes and is counted, whatever the target does.',
  disabled: 'Every call passes and nothing is counted.',
  'metrics-only': 'Every call passes; the automatic state moves as it would, for all to see.',
}

/** What an operator may do to one breaker, with what it will mean. Each can be taken back for 10 s. */
export function useBreakerActs(breaker: BreakerView): Act[] {
  const trpc = useTRPC()
  const trip = useMutation(trpc.breakers.trip.mutationOptions()).mutateAsync
  const reset = useMutation(trpc.breakers.reset.mutationOptions()).mutateAsync
  const override = useMutation(trpc.breakers.override.mutationOptions()).mutateAsync
  const clear = useMutation(trpc.breakers.clearOverride.mutationOptions()).mutateAsync
  const { name, version: expectedVersion } = breaker

  const back = (undo: Undo, reason: string) => {
    const why = `Undone: ${reason}`.slice(0, 500)
    const base = { name, reason: why, expectedVersion: undo.expectedVersion }
    const done =
      undo.procedure === 'override'
        ? override(operation({ ...base, mode: undo.mode, forMs: undo.forMs }))
        : undo.procedure === 'reset'
          ? reset(operation(base))
          : clear(operation(base))
    done.catch((error: unknown) => failed(holdfastError(error).message))
  }
  const run =
    (said: string, act: (confirmed: Confirmed) => Promise<{ undo: Undo }>) => async (confirmed: Confirmed) => {
      try {
        const { undo } = await act(confirmed)
        told(said, { run: () => back(undo, confirmed.reason) })
      } catch (error) {
        throw new Error(holdfastError(error).message)
      }
    }

  const refused = consequence(breaker)
  const acts: Act[] = []
  if (breaker.override) {
    const { mode, by, reason } = breaker.override
    acts.push({
      title: `Let ${name} decide by itself again?`,
      action: 'Lift the override',
      lines: [
        `${MODE_WORD[mode]} by ${by}: ${reason}`,
        `Its automatic state is ${breaker.state}, and goes on from there.`,
      ],
      run: run(`${name} decides by itself again.`, ({ reason: why }) =>
        clear(operation({ name, reason: why, expectedVersion })),
      ),
    })
  }
  if (breaker.state === 'closed') {
    acts.push({
      title: `Trip ${name}?`,
      action: 'Trip',
      danger: true,
      lines: [refused, 'From there it goes on by itself: open for its time, then probes, then closed or open.'],
      run: run(`${name} was tripped.`, ({ reason }) => trip(operation({ name, reason, expectedVersion }))),
    })
  } else {
    acts.push({
      title: `Reset ${name}?`,
      action: 'Reset',
      lines: [
        'It closes now, and what callers saw is forgotten.',
        'If the target still fails, it opens again by itself.',
      ],
      run: run(`${name} was reset.`, ({ reason }) => reset(operation({ name, reason, expectedVersion }))),
    })
  }
  const force = (mode: OverrideMode, action: string, danger: boolean): Act => ({
    title: `${action}: ${name}?`,
    action,
    danger,
    expiry: true,
    lines: mode === 'forced-open' ? [refused, WILL[mode]] : [WILL[mode]],
    run: run(`${name} is ${MODE_WORD[mode]}.`, ({ reason, forMs }) =>
      override(operation({ name, reason, mode, forMs, expectedVersion })),
    ),
  })
  if (breaker.override?.mode !== 'forced-open') acts.push(force('forced-open', 'Force open', true))
  if (breaker.override?.mode !== 'forced-closed') acts.push(force('forced-closed', 'Force closed', false))
  if (breaker.override?.mode !== 'metrics-only') acts.push(force('metrics-only', 'Metrics only', false))
  if (breaker.override?.mode !== 'disabled') acts.push(force('disabled', 'Disable', false))
  return acts
}

/** "3 callers, 42 req/s will be refused" */
export function consequence({ callersTotal, figures }: Pick<BreakerView, 'callersTotal' | 'figures'>): string {
  const callers = callersTotal === 1 ? '1 caller' : `${callersTotal} callers`
  if (callersTotal === 0) return 'Nobody calls through it just now: nothing will be refused until somebody does.'
  return `${callers}, ${figures.ratePerSec === 0 ? 'no traffic just now' : formatRate(figures.ratePerSec)}: all of it will be refused, within milliseconds.`
}
