'use client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Action } from '@/server/demo'
import { holdfastError, operation, useTRPC } from '../trpc'
import { failed, told } from '../ui/toast'
import { backFrom, did } from './deeds'

export type Deed = (instance: string, action: Action) => Promise<boolean>

/** Does something to one instance and says so; resolves to whether it was done. `busy`: whose turn it is just now. */
export function useDeed(): { act: Deed; busy: ReadonlySet<string> } {
  const trpc = useTRPC()
  const { mutateAsync } = useMutation(trpc.demo.act.mutationOptions())
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set())
  const act: Deed = async (instance, action) => {
    setBusy((before) => new Set(before).add(instance))
    try {
      const done = await mutateAsync(operation({ instance, action, reason: 'an experiment with the demo fleet' }))
      const back = backFrom(action)
      told(
        did(action, done.instance),
        back ? { label: 'Back to normal', run: () => void act(instance, back) } : undefined,
      )
      return true
    } catch (error) {
      failed(holdfastError(error).message)
      return false
    } finally {
      setBusy((before) => {
        const after = new Set(before)
        after.delete(instance)
        return after
      })
    }
  }
  return { act, busy }
}
