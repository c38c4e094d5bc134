'use client'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Revision } from '@/core/gateway/view'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Input } from '../../ui/input'
import { useGatewayActs } from '../acts'
import { rolledBack } from '../route-diff'
import { RouteDiffView } from '../route-diff-view'
import type { GatewayNow } from '../use-gateway'

/** What going back would change, route by route, and the reason. */
export function RollBackDialog(props: {
  to: number
  /** those after it, the newest first */
  later: readonly Revision[]
  gateway: GatewayNow
  onClose: () => void
  onDone: () => void
}) {
  const { to, later, gateway } = props
  const acts = useGatewayActs()
  const input = useRef<HTMLInputElement>(null)
  const [reason, setReason] = useState('')
  const [noReason, setNoReason] = useState(false)
  const present = new Map(gateway.routes.map(({ route }) => [route.id, route]))
  const changes = rolledBack([...later].reverse(), present)
  const going = useMutation({
    mutationFn: () => acts.rollBack(to, gateway.revision, reason.trim()),
    onSuccess: props.onDone,
  })

  function submit() {
    if (reason.trim().length < 3) {
      setNoReason(true)
      input.current?.focus()
      return
    }
    setNoReason(false)
    going.mutate()
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && props.onClose()}
      title={`Go back to revision ${to}?`}
      initialFocus={input}
      className="w-[min(44rem,calc(100vw-2rem))]"
    >
      <form
        className="grid gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <p className="text-sm text-muted">
          {changes.length === 0
            ? 'The configuration is the same as then already.'
            : `${changes.length === 1 ? 'One route changes' : `${changes.length} routes change`} with the workers within milliseconds; no request is dropped. It becomes revision ${gateway.revision + 1}, so that nothing is lost.`}
        </p>
        <div className="grid max-h-[45dvh] gap-3 overflow-y-auto">
          {changes.map(({ route, before, after }) => (
            <section key={route} aria-label={`Route ${route}`} className="grid gap-1">
              <h3 className="text-sm font-medium">
                {route}{' '}
                <span className="font-normal text-muted">
                  {before === null ? 'is there again' : after === null ? 'is removed' : 'changes'}
                </span>
              </h3>
              <RouteDiffView before={before} after={after} />
            </section>
          ))}
        </div>
        <Field
          label="Reason"
          hint="Kept in the audit trail and with the revision."
          {...(noReason ? { error: 'Say why, in at least 3 characters. It is kept in the audit trail.' } : {})}
        >
          {(control) => (
            <Input
              ref={input}
              {...control}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              maxLength={500}
              autoComplete="off"
            />
          )}
        </Field>
        {going.error ? (
          <p role="alert" className="rounded-md bg-unhealthy-soft px-2.5 py-2 text-sm text-unhealthy">
            {going.error.message}
          </p>
        ) : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button variant="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="danger" pending={going.isPending} disabled={changes.length === 0}>
            Go back to revision {to}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
