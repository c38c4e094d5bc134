'use client'
import { type ReactNode, useId, useRef, useState } from 'react'
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
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={props.title}>
      {props.open ? <Form {...props} /> : null}
    </Dialog>
  )
}

function Form(props: Parameters<typeof ConfirmDialog>[0]) {
  const [reason, setReason] = useState('')
  const [expiry, setExpiry] = useState<(typeof EXPIRIES)[number]['value']>('3600000')
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const input = useRef<HTMLInputElement>(null)
  const expiryId = useId()

  async function submit() {
    if (reason.trim().length < 3) {
      setError('Say why, in at least 3 characters. It is kept in the audit trail.')
      input.current?.focus()
      return
    }
    setPending(true)
    setError(null)
    try {
      await props.onConfirm({ reason: reason.trim(), forMs: expiry === 'never' ? null : Number(expiry) })
      props.onOpenChange(false)
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure))
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
      <Field label="Reason" hint="Kept in the audit trail." {...(error === null ? {} : { error })}>
        {(control) => (
          <Input
            ref={input}
            {...control}
            value={reason}
            onChange={(e) => setReason(e.target.value)}
            maxLength={500}
            autoFocus
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
      <div className="flex justify-end gap-2">
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
