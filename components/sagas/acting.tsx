'use client'

/** Doing to a run what an operator decided: asked for first, except where one reason serves many small acts. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState, useSyncExternalStore } from 'react'
import type { Json } from '@/core/saga/definition'
import type { DefinitionView, RunView } from '@/core/saga/view'
import { useMay } from '../shell/session'
import { holdfastError, operation, useTRPCClient } from '../trpc'
import { failed, told } from '../ui/toast'
import { ActDialog } from './act-dialog'
import { type Act, isLight, meaningOf } from './acts'

/** What a dialog adds to an act. */
export interface Filled {
  reason: string
  /** the entry that was looked at; the act is refused when the run has moved on */
  expectedSeq?: number
  input?: Json
  output?: Json
  happened?: boolean
  newKey?: boolean
  retry?: boolean
  from?: string
  keys?: 'reused' | 'new'
  paused?: boolean
}

interface Acting {
  may: boolean
  why: string
  /** why this run is being debugged; empty: not said yet */
  reason: string
  /** does it, or asks first; null: it may not be done now */
  act: (act: Act) => void
  changeReason: () => void
}

const Context = createContext<Acting | null>(null)

export function useActing(): Acting {
  const acting = useContext(Context)
  if (!acting) throw new Error('ActingProvider is missing above this component')
  return acting
}

export function ActingProvider(props: {
  run: RunView
  definition: DefinitionView | null
  /** a fork was started */
  onFork: (runId: string) => void
  children: ReactNode
}) {
  const { run, onFork } = props
  const { may, why } = useMay('operator')
  const perform = usePerform(run.id, onFork)
  const [reason, setReason] = useReason(run.id)
  const [asked, setAsked] = useState<{ act: Act | 'reason'; turn: number } | null>(null)
  const [open, setOpen] = useState(false)
  const ask = useCallback((act: Act | 'reason') => {
    setAsked((before) => ({ act, turn: (before?.turn ?? 0) + 1 }))
    setOpen(true)
  }, [])
  const act = useCallback(
    (wanted: Act) => {
      if (!isLight(wanted) || reason === '') return ask(wanted)
      perform(wanted, { reason }).catch((error: Error) => failed(error.message))
    },
    [reason, ask, perform],
  )
  const acting = useMemo<Acting>(
    () => ({ may, why, reason, act, changeReason: () => ask('reason') }),
    [may, why, reason, act, ask],
  )
  return (
    <Context value={acting}>
      {props.children}
      {asked ? (
        <ActDialog
          key={asked.turn}
          open={open}
          onOpenChange={setOpen}
          act={asked.act}
          run={run}
          definition={props.definition}
          reason={reason}
          onConfirm={async (filled) => {
            if (asked.act === 'reason') return setReason(filled.reason)
            await perform(asked.act, filled)
            if (isLight(asked.act)) setReason(filled.reason)
            else told(`Done: ${meaningOf(asked.act, run).action}.`)
          }}
        />
      ) : null}
    </Context>
  )
}

function usePerform(runId: string, onFork: (runId: string) => void) {
  const client = useTRPCClient()
  return useCallback(
    async (act: Act, filled: Filled): Promise<void> => {
      const { sagas } = client
      const { reason, expectedSeq } = filled
      const base = { runId, reason, ...(expectedSeq === undefined ? {} : { expectedSeq }) }
      try {
        switch (act.kind) {
          case 'pause':
            await sagas.pause.mutate(operation(base))
            return
          case 'continue':
            await sagas.continue.mutate(
              operation({ ...base, ...(act.until === undefined ? {} : { until: act.until }) }),
            )
            return
          case 'step':
            await sagas.step.mutate(
              operation({ ...base, ...(act.step === undefined ? {} : { step: act.step, phase: act.phase }) }),
            )
            return
          case 'setBreakpoint':
            await sagas.setBreakpoint.mutate(operation({ ...base, step: act.step, at: act.at }))
            return
          case 'clearBreakpoint':
            await sagas.clearBreakpoint.mutate(operation({ ...base, step: act.step, at: act.at }))
            return
          case 'retry':
            await sagas.retryStep.mutate(
              operation({ ...base, step: act.step, phase: act.phase, newKey: filled.newKey ?? false }),
            )
            return
          case 'skip':
            await sagas.skipStep.mutate(operation({ ...base, step: act.step, output: filled.output ?? null }))
            return
          case 'edit':
            await sagas.editInput.mutate(
              operation({ ...base, step: act.step, phase: act.phase, input: filled.input ?? null }),
            )
            if (filled.retry) {
              await sagas.retryStep.mutate(operation({ runId, reason, step: act.step, phase: act.phase }))
            }
            return
          case 'resolve':
            await sagas.resolveUnknown.mutate(
              operation({
                ...base,
                step: act.step,
                happened: filled.happened ?? false,
                output: filled.output ?? null,
              }),
            )
            return
          case 'force':
          case 'waive':
            await sagas[act.kind].mutate(operation({ ...base, step: act.step }))
            return
          case 'compensate':
          case 'cancel':
          case 'terminate':
            await sagas[act.kind].mutate(operation(base))
            return
          case 'signal':
            await sagas.signal.mutate(operation({ runId, reason, signal: act.signal, payload: filled.output ?? null }))
            return
          case 'redrive': {
            const fork = await sagas.redrive.mutate(
              operation({
                runId,
                reason,
                step: filled.from ?? act.step ?? '',
                keys: filled.keys ?? 'reused',
                paused: filled.paused ?? false,
                ...(filled.input === undefined ? {} : { input: filled.input }),
              }),
            )
            onFork(fork.runId)
            return
          }
        }
      } catch (error) {
        const { message, code, details } = holdfastError(error)
        throw Object.assign(new Error(message), { code, details })
      }
    },
    [client, runId, onFork],
  )
}

const listeners = new Set<() => void>()

/** Kept by the tab until it is closed, so that a reload goes on with the same. */
function useReason(runId: string): [string, (reason: string) => void] {
  const key = `holdfast.debug.${runId}`
  const reason = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => {
      try {
        return sessionStorage.getItem(key) ?? ''
      } catch {
        return ''
      }
    },
    () => '',
  )
  const set = useCallback(
    (next: string) => {
      try {
        sessionStorage.setItem(key, next)
      } catch {
        // Without a storage it is asked for each time.
      }
      for (const tell of listeners) tell()
    },
    [key],
  )
  return [reason, set]
}
