'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { holdfastError, operation, useTRPC, useTRPCClient } from '../trpc'
import { ConfirmDialog } from '../ui/confirm-dialog'
import { Field, Input } from '../ui/input'
import { told } from '../ui/toast'

const LIMIT_MAX = 100_000

/** Asks how many tasks of a queue may be under way at once, and why. */
export function QueueLimit(props: { queue: string; limit: number | null; busy: number; onClose: () => void }) {
  const { queue } = props
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [text, setText] = useState(props.limit === null ? '' : String(props.limit))
  const limit = text.trim() === '' ? null : Number(text)
  const isWrong = limit !== null && !(Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX)
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && props.onClose()}
      title={`Limit the queue ${queue}?`}
      action={limit === null ? `Lift the limit of ${queue}` : `Limit ${queue}`}
      onConfirm={async ({ reason }) => {
        if (isWrong) throw new Error(`Give a whole number from 1 to ${LIMIT_MAX}, or nothing.`)
        try {
          await client.sagas.queues.limit.mutate(operation({ queue, limit, reason }))
        } catch (error) {
          throw new Error(holdfastError(error).message)
        }
        await queries.invalidateQueries({ queryKey: trpc.sagas.queues.list.queryKey() })
        told(limit === null ? `${queue} has no limit any more.` : `${queue}: at most ${limit} at once.`)
      }}
    >
      <div className="grid gap-3">
        <p>
          {props.busy} {props.busy === 1 ? 'is' : 'are'} under way. What is over the new limit finishes; nothing further
          is handed out until there is room.
        </p>
        <Field
          label={<span className="text-text">Tasks under way at most</span>}
          hint="Empty: any number."
          {...(isWrong ? { error: `A whole number from 1 to ${LIMIT_MAX}.` } : {})}
        >
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              value={text}
              onChange={(event) => setText(event.target.value)}
              autoComplete="off"
            />
          )}
        </Field>
      </div>
    </ConfirmDialog>
  )
}
