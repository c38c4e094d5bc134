'use client'
import { type ReactNode, type RefObject, useId, useRef, useState } from 'react'
import { Button } from './button'
import { Dialog } from './dialog'
import { Field, Input } from './input'
import { Select } from './select'

export interface Confirmed {
  reason: string
  /** milliseconds from now; null: until lifted */
  forMs: number | null
}

const EXPIRIES = [
  { value: '900000', label: '15 minutes' },
  { value: '3600000', label: '1 hour' },
  { value: '14400000', label: '4 hours' },
  { value: '86400000', label: '1 day' },
  { value: 'never', label: 'until lifted' },
] as const

/**
 * Asks before something is done: says what will happen, to whom and until when, and takes the reason for the audit trail.
 * `action` is the verb and its object. What `onConfirm` throws is shown and the dialog stays.
 */
export function ConfirmDialog(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  /** what will happen */
  children: ReactNode
  action: string
  danger?: boolean
  /** asks how long it holds */
  expiry?: boolean
  onConfirm: (confirmed: Confirmed) => Promise<unknown>
}) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={props.title} initialFocus={input}>
      <Form {...props} input={input} />
    </Dialog>
  )
}

function Form(props: Parameters<typeof ConfirmDialog>[0] & { input: RefObject<HTMLInputElement | null> }) {
  const { input } = props
  const [reason, setReason] = useState('')
  const [expiry, setExpiry] = useState<(typeof EXPIRIES)[number]['value']>('3600000')
  const [pending, setPending] = useState(false)
  const [noReason, setNoReason] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const expiryId = useId()

  async function submit() {
    if (reason.trim().length < 3) {
      setNoReason(true)
      input.current?.focus()
      return
    }
    setPending(true)
    setNoReason(false)
    setFailure(null)
    try {
      await props.onConfirm({ reason: reason.trim(), forMs: expiry === 'never' ? null : Number(expiry) })
      props.onOpenChange(false)
    } catch (thrown) {
      setFailure(thrown instanceof Error ? thrown.message : String(thrown))
    } finally {
      setPending(false)
    }
  }

  return (
    <form
      className="grid gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <div className="text-sm text-muted">{props.children}</div>
      <Field
        label="Reason"
        hint="Kept in the audit trail."
        {...(noReason ? { error: 'Say why, in at least 3 characters. It is kept in the audit trail.' } : {})}
      >
        {(control) => (
          <Input
            ref={input}
            {...control}
            value={reason}
            onChange={(e) => setReason(e.target.value)}
            maxLength={500}
            autoComplete="off"
          />
        )}
      </Field>
      {props.expiry ? (
        <div className="grid gap-1.5">
          <label htmlFor={expiryId} className="text-sm font-medium">
            For how long
          </label>
          <Select id={expiryId} options={EXPIRIES} value={expiry} onChange={setExpiry} />
        </div>
      ) : null}
      {failure === null ? null : (
        <p role="alert" className="rounded-md bg-unhealthy-soft px-2.5 py-2 text-sm text-unhealthy">
          {failure}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onClick={() => props.onOpenChange(false)}>
          Cancel
        </Button>
        <Button type="submit" variant={props.danger ? 'danger' : 'primary'} pending={pending}>
          {props.action}
        </Button>
      </div>
    </form>
  )
}
