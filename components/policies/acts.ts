'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Policy } from '@/core/policy'
import { holdfastError, operation, useTRPC } from '../trpc'
import { failed, told } from '../ui/toast'
import type { Draft } from './draft'

const undone = (reason: string) => `Undone: ${reason}`.slice(0, 500)

/** The writes of this page, each with its way back for 10 s. What they throw has words for people, and the code. */
export function usePolicyActs() {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const put = useMutation(trpc.policies.put.mutationOptions()).mutateAsync
  const remove = useMutation(trpc.policies.remove.mutationOptions()).mutateAsync
  return useMemo(() => {
    const saying = async <T>(call: Promise<T>): Promise<T> => {
      try {
        return await call
      } catch (error) {
        throw new Error(holdfastError(error).message, { cause: error })
      } finally {
        await queries.invalidateQueries(trpc.policies.pathFilter())
      }
    }
    const set = (draft: Omit<Draft, 'base'>, expectedVersion: number, reason: string) =>
      saying(put(operation({ ...draft, reason, expectedVersion })))
    const clear = (name: string, expectedVersion: number, reason: string) =>
      saying(remove(operation({ name, reason, expectedVersion })))
    const orToast = (call: Promise<unknown>) => void call.catch((error: Error) => failed(error.message))
    return {
      async save(draft: Draft, before: Policy | null, reason: string): Promise<Policy> {
        const { policy } = await set(
          { name: draft.name, description: draft.description, values: draft.values },
          draft.base,
          reason,
        )
        told(`${draft.name} is set.`, {
          run: () =>
            orToast(
              before ? set(before, policy.version, undone(reason)) : clear(draft.name, policy.version, undone(reason)),
            ),
        })
        return policy
      },
      async remove(before: Policy, reason: string): Promise<void> {
        await clear(before.name, before.version, reason)
        told(`${before.name} takes its values from code again.`, {
          run: () => orToast(set(before, 0, undone(reason))),
        })
      },
    }
  }, [put, remove, queries, trpc])
}

/** Has somebody else been first? */
export const isConflict = (error: unknown) => error instanceof Error && holdfastError(error.cause).code === 'CONFLICT'
