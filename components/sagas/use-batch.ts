'use client'
import { useCallback } from 'react'
import type { RunSummary, RunView } from '@/core/saga/view'
import { holdfastError, operation, useTRPCClient } from '../trpc'
import { forkFrom, undoneAgain } from './fork-from'

export type BatchKind = 'pause' | 'resume' | 'cancel' | 'retry' | 'redrive'

/** Runs asked for beside each other. */
const TOGETHER = 8

/** Does one act to many runs; says how many it was done to, and why the others refused. */
export function useBatch() {
  const client = useTRPCClient()
  return useCallback(
    async (kind: BatchKind, runs: readonly RunSummary[], reason: string, onDone: (done: number) => void) => {
      const act = async (runId: string) => {
        if (kind !== 'retry' && kind !== 'redrive') {
          await client.sagas[kind].mutate(operation({ runId, reason }))
          return
        }
        const { run } = await client.sagas.get.query({ data: { runId } })
        if (kind === 'redrive') {
          const step = forkFrom(run as RunView)
          if (step === null) throw new Error(`All of run ${runId} has come about; there is nothing to do again.`)
          const keys = undoneAgain(run as RunView, step).length > 0 ? 'new' : 'reused'
          await client.sagas.redrive.mutate(operation({ runId, reason, step, keys }))
          return
        }
        const lanes = retriable(run as RunView)
        if (lanes.length === 0) throw new Error(`Run ${runId} has nothing to retry any more.`)
        for (const lane of lanes) await client.sagas.retryStep.mutate(operation({ runId, reason, ...lane }))
      }
      const refused: string[] = []
      let done = 0
      const left = runs.map(({ id }) => id)
      await Promise.all(
        Array.from({ length: Math.min(TOGETHER, left.length) }, async () => {
          for (let id = left.pop(); id !== undefined; id = left.pop()) {
            try {
              await act(id)
              done += 1
              onDone(done)
            } catch (error) {
              refused.push(holdfastError(error).message)
            }
          }
        }),
      )
      return { done, refused }
    },
    [client],
  )
}

/** Lanes that wait for a person, or for their next attempt. */
export function retriable(run: RunView): { step: string; phase: 'do' | 'undo' }[] {
  return run.lanes.flatMap((step) => {
    const found: { step: string; phase: 'do' | 'undo' }[] = []
    if (step.undo.status === 'stuck' || step.undo.status === 'backoff') found.push({ step: step.name, phase: 'undo' })
    else if (step.parked || step.do.status === 'backoff') found.push({ step: step.name, phase: 'do' })
    return found
  })
}
