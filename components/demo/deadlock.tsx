'use client'
import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import { useMay } from '../shell/session'
import { holdfastError, operation, useTRPC } from '../trpc'
import { Button } from '../ui/button'
import { failed, told } from '../ui/toast'

/** Two processes that wait for each other: the button that begins it, and where to look. */
export function DeadlockCard() {
  const trpc = useTRPC()
  const { may } = useMay('operator')
  const { mutateAsync, isPending } = useMutation(trpc.demo.deadlock.mutationOptions())
  const begin = async () => {
    try {
      const { instances } = await mutateAsync(operation({ reason: 'an experiment with the demo fleet' }))
      told(`${instances.join(' and ') || 'Two instances'} are about to wait for each other, for up to 20 s.`)
    } catch (error) {
      failed(holdfastError(error).message)
    }
  }
  return (
    <li className="grid gap-2 border-t border-line py-3 first:border-t-0 first:pt-0">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">A deadlock</h3>
        <Button size="sm" onClick={() => void begin()} disabled={!may} pending={isPending}>
          Make a deadlock
        </Button>
      </div>
      <p className="text-sm text-muted">
        Two instances of inventory move stock between the same two shelves, each from the other end, and wait for each
        other. See the cycle by name under{' '}
        <Link href="/locks" className="text-accent underline underline-offset-2">
          Locks
        </Link>
        , and break it: release one of them by force, or wait until one gives up.
      </p>
    </li>
  )
}
