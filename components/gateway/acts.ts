'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Fault } from '@/core/gateway/fault'
import type { Route, RouteSpec } from '@/core/gateway/route'
import { holdfastError, operation, useTRPC } from '../trpc'
import { serverNow } from '../ui/ago'
import { failed, told } from '../ui/toast'
import { faultOn } from './words'

const undone = (reason: string) => `Undone: ${reason}`.slice(0, 500)

/**
 * The writes of these pages. A change of routes is undone by going back to the revision before it, and only while nothing
 * came after it: keys are kept as hashes and cannot be set again.
 */
export function useGatewayActs() {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const put = useMutation(trpc.gateway.routes.put.mutationOptions()).mutateAsync
  const remove = useMutation(trpc.gateway.routes.remove.mutationOptions()).mutateAsync
  const back = useMutation(trpc.gateway.rollBack.mutationOptions()).mutateAsync
  const start = useMutation(trpc.gateway.faults.start.mutationOptions()).mutateAsync
  const end = useMutation(trpc.gateway.faults.end.mutationOptions()).mutateAsync
  return useMemo(() => {
    const renew = () =>
      Promise.all([
        queries.invalidateQueries(trpc.gateway.routes.pathFilter()),
        queries.invalidateQueries(trpc.gateway.revisions.pathFilter()),
        queries.invalidateQueries(trpc.gateway.faults.pathFilter()),
      ])
    const saying = async <T>(call: Promise<T>): Promise<T> => {
      try {
        return await call
      } catch (error) {
        throw new Error(holdfastError(error).message, { cause: error })
      } finally {
        await renew()
      }
    }
    const undo = (revision: number, reason: string) => ({
      run: () =>
        void saying(back(operation({ to: revision - 1, expectedRevision: revision, reason: undone(reason) }))).catch(
          (error: Error) => failed(error.message),
        ),
    })
    return {
      /** What the control plane says to it; throws what stands against it. */
      async check(route: RouteSpec, expectedRevision: number): Promise<RouteSpec> {
        return (await put(operation({ route: sent(route), expectedRevision, reason: 'only checked', dryRun: true })))
          .route
      },
      async save(route: RouteSpec, expectedRevision: number, reason: string): Promise<Route> {
        const saved = await saying(put(operation({ route: sent(route), expectedRevision, reason })))
        told(`${route.id} is set, revision ${saved.revision}.`, undo(saved.revision, reason))
        return saved.route as Route
      },
      async remove(route: Route, revision: number, reason: string): Promise<void> {
        await saying(remove(operation({ id: route.id, expectedRevision: route.revision, reason })))
        told(`${route.id} is removed.`, undo(revision + 1, reason))
      },
      async rollBack(to: number, expectedRevision: number, reason: string): Promise<void> {
        const { revision, routes } = await saying(back(operation({ to, expectedRevision, reason })))
        const changed = routes.length === 1 ? '1 route changed' : `${routes.length} routes changed`
        told(`Back at revision ${to}: ${changed}.`, undo(revision, reason))
      },
      async startFault(fault: NewFault): Promise<void> {
        const started = await saying(start(operation(fault)))
        told(`There is a fault on ${faultOn(started.fault)} now.`, {
          label: 'End it',
          run: () =>
            void saying(end(operation({ id: started.fault.id, reason: undone(fault.reason) }))).catch((error: Error) =>
              failed(error.message),
            ),
        })
      },
      /** At once and without a question: who ends a fault is in a hurry. Undone: it goes on for the rest of its time. */
      async endNow(fault: Fault): Promise<void> {
        const { id, target, share, delayMs, abortStatus, reason, expiresAt } = fault
        const ended = serverNow()
        try {
          await saying(end(operation({ id, reason: `Ended by hand: ${reason}`.slice(0, 500) })))
        } catch (error) {
          failed((error as Error).message)
          return
        }
        const again = { target, share, delayMs, abortStatus, reason: undone(`the end of: ${reason}`) }
        told(`The fault on ${faultOn(fault)} has ended.`, {
          label: 'Go on with it',
          run: () => {
            const forMs = Math.max(1_000, Math.round(expiresAt - ended))
            void saying(start(operation({ ...again, forMs }))).catch((error: Error) => failed(error.message))
          },
        })
      },
    }
  }, [put, remove, back, start, end, queries, trpc])
}

/** Lists that may be written to, as the API has them. */
const sent = (route: RouteSpec) => structuredClone(route) as never

export interface NewFault extends Pick<Fault, 'target' | 'share' | 'delayMs' | 'abortStatus' | 'reason'> {
  forMs: number
}

/** Has somebody else been first? */
export const isConflict = (error: unknown) => error instanceof Error && holdfastError(error.cause).code === 'CONFLICT'
