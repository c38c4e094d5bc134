'use client'
import { useMutation } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { OperatorIntent } from '@/core/instance'
import { holdfastError, operation, useTRPC } from '../trpc'
import type { Confirmed } from '../ui/confirm-dialog'
import { failed, told } from '../ui/toast'

/** Something an operator may do: what is asked before, and how it is done. */
export interface Act {
  title: string
  /** verb and object */
  action: string
  /** what will happen, a sentence a line */
  lines: string[]
  danger?: boolean
  expiry?: boolean
  run: (confirmed: Confirmed) => Promise<unknown>
}

type Target = { service: string } | { instance: string }

const nameOf = (target: Target) => ('service' in target ? target.service : target.instance)

const REASON_MAX = 500
const undone = (reason: string) => `Undone: ${reason}`.slice(0, REASON_MAX)

/** How long an intent would still have held; null: until lifted. At least the second the server asks for. */
const rest = (intent: OperatorIntent) => (intent.until === null ? null : Math.max(1_000, intent.until - Date.now()))

/** What goes wrong is told in the product's own words. */
async function saying<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw new Error(holdfastError(error).message)
  }
}

const orToast = (call: Promise<unknown>) => void call.catch((error: Error) => failed(error.message))

/** The writes of this page. Each that can be taken back offers it for 10 s. */
export function useActs() {
  const trpc = useTRPC()
  const maintenance = useMutation(trpc.registry.setMaintenance.mutationOptions()).mutateAsync
  const drain = useMutation(trpc.registry.drain.mutationOptions()).mutateAsync
  const hold = useMutation(trpc.registry.releaseHold.mutationOptions()).mutateAsync
  const forget = useMutation(trpc.registry.forget.mutationOptions()).mutateAsync
  const deregister = useMutation(trpc.registry.deregister.mutationOptions()).mutateAsync
  return useMemo(() => {
    const setMaintenance = (target: Target, on: boolean, reason: string, forMs: number | null) =>
      saying(maintenance(operation({ target, on, reason, forMs })))
    const setDrain = (id: string, on: boolean, reason: string, forMs: number | null) =>
      saying(drain(operation({ id, on, reason, forMs })))
    return {
      async startMaintenance(target: Target, { reason, forMs }: Confirmed) {
        await setMaintenance(target, true, reason, forMs)
        told(`${nameOf(target)} is in maintenance.`, {
          run: () => orToast(setMaintenance(target, false, undone(reason), null)),
        })
      },
      async endMaintenance(target: Target, before: OperatorIntent, reason: string) {
        await setMaintenance(target, false, reason, null)
        const run = () => orToast(setMaintenance(target, true, undone(before.reason), rest(before)))
        told(`${nameOf(target)} is out of maintenance.`, { run })
      },
      async startDrain(id: string, { reason, forMs }: Confirmed) {
        await setDrain(id, true, reason, forMs)
        told(`${id} is draining.`, { run: () => orToast(setDrain(id, false, undone(reason), null)) })
      },
      async stopDrain(id: string, before: OperatorIntent, reason: string) {
        await setDrain(id, false, reason, null)
        told(`${id} no longer drains.`, { run: () => orToast(setDrain(id, true, undone(before.reason), rest(before))) })
      },
      async releaseHold(service: string, reason: string) {
        const { expired } = await saying(hold(operation({ service, reason })))
        told(
          expired === 0
            ? `The hold of ${service} is released; nothing was silent any more.`
            : `${expired} of ${service} count as down.`,
        )
      },
      async forget(service: string, reason: string) {
        await saying(forget(operation({ service, reason })))
        told(`${service} is forgotten.`)
      },
      async deregister(id: string, reason: string) {
        await saying(deregister(operation({ id, reason })))
        told(`${id} is deregistered.`)
      },
    }
  }, [maintenance, drain, hold, forget, deregister])
}
