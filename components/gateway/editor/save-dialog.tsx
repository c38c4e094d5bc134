'use client'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Route, RouteSpec } from '@/core/gateway/route'
import { holdfastError } from '../../trpc'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Input } from '../../ui/input'
import { StateGlyph } from '../../ui/state'
import { isConflict, useGatewayActs } from '../acts'
import { linesOf } from '../problems'
import { RouteDiffView } from '../route-diff-view'

/** What saving will change, what the control plane says to it, and the reason. */
export function SaveDialog(props: {
  spec: RouteSpec
  before: Route | null
  base: number
  /** what will happen, in a sentence */
  consequence: string
  onClose: () => void
  /** lines that stand against it */
  onProblems: (lines: string[]) => void
  onConflict: () => void
  onSaved: (route: Route) => void
}) {
  const { spec, before, base } = props
  const acts = useGatewayActs()
  const input = useRef<HTMLInputElement>(null)
  const [reason, setReason] = useState('')
  const [noReason, setNoReason] = useState(false)
  const { mutate: check, ...checked } = useMutation({ mutationFn: () => acts.check(spec, base) })
  const saving = useMutation({
    mutationFn: () => acts.save(spec, base, reason.trim()),
    onSuccess: (route) => props.onSaved(route),
    onError: (error) => {
      if (isConflict(error)) props.onConflict()
    },
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the dialog opens
  useEffect(() => check(undefined, { onError: (error) => props.onProblems(linesOf(holdfastError(error).message)) }), [])
  const refused = checked.error ? linesOf(holdfastError(checked.error).message) : []

  function submit() {
    if (reason.trim().length < 3) {
      setNoReason(true)
      input.current?.focus()
      return
    }
    setNoReason(false)
    saving.mutate()
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && props.onClose()}
      title={before ? `Change ${spec.id}` : `Add ${spec.id}`}
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
        <p className="text-sm text-muted">{props.consequence}</p>
        <section aria-label="What will change" className="max-h-[40dvh] overflow-y-auto">
          <RouteDiffView before={before} after={spec} />
        </section>
        <div className="flex min-h-5 items-start gap-2 text-sm" role="status">
          {checked.isPending ? (
            <span className="text-muted">The control plane looks at it …</span>
          ) : checked.isSuccess ? (
            <>
              <StateGlyph state="healthy" size={11} className="mt-1" />
              <span>The control plane has checked it: nothing stands against it.</span>
            </>
          ) : (
            <>
              <StateGlyph state="unhealthy" size={11} className="mt-1" />
              <ul className="grid gap-1 text-unhealthy">
                {refused.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </>
          )}
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
        {saving.error && !isConflict(saving.error) ? (
          <p
            role="alert"
            className="rounded-md bg-unhealthy-soft px-2.5 py-2 text-sm whitespace-pre-line text-unhealthy"
          >
            {saving.error.message}
          </p>
        ) : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button variant="quiet" onClick={props.onClose}>
            Go on editing
          </Button>
          <Button type="submit" variant="primary" pending={saving.isPending} disabled={!checked.isSuccess}>
            Save {spec.id}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
