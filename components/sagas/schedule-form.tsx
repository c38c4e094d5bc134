'use client'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { holdfastError, operation, useTRPC, useTRPCClient } from '../trpc'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Field, Input } from '../ui/input'
import { Select } from '../ui/select'
import { Switch } from '../ui/switch'
import { told } from '../ui/toast'
import { JsonEditor } from './json-editor'
import { parseJson, textOf } from './json-schema'
import type { Schedule } from './schedules-page'

const NAME = /^[a-zA-Z0-9][\w.-]{0,127}$/

/** A new schedule, or a change of one; the next times are shown as the expression is typed. */
export function ScheduleForm(props: { of: Schedule | null; sagas: string[]; onClose: () => void; onKept: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && props.onClose()}
      title={props.of ? `Change ${props.of.name}` : 'New schedule'}
      className="w-[min(38rem,calc(100vw-2rem))]"
      initialFocus={input}
    >
      <Form {...props} input={input} />
    </Dialog>
  )
}

function Form(props: Parameters<typeof ScheduleForm>[0] & { input: React.RefObject<HTMLInputElement | null> }) {
  const { of } = props
  const client = useTRPCClient()
  const [name, setName] = useState(of?.name ?? '')
  const [definition, setDefinition] = useState(of?.definition ?? props.sagas[0] ?? '')
  const [cron, setCron] = useState(of?.cron ?? '0 3 * * *')
  const [timezone, setTimezone] = useState(of?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone)
  const [text, setText] = useState(textOf(of?.input ?? {}))
  const [enabled, setEnabled] = useState(of?.enabled ?? true)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)

  async function submit() {
    setTried(true)
    setFailure(null)
    const { value, problem } = parseJson(text)
    if (!NAME.test(name) || problem !== null || reason.trim().length < 3) return
    setPending(true)
    try {
      const revision = of?.revision ?? 0
      const data = { name, definition, cron, timezone, input: value, enabled, revision, reason: reason.trim() }
      await client.sagas.schedules.put.mutate(operation(data))
      told(`${name} is kept.`)
      props.onKept()
      props.onClose()
    } catch (error) {
      setFailure(holdfastError(error).message)
      setPending(false)
    }
  }

  return (
    <form
      className="grid grid-cols-1 gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Name"
          {...(tried && !NAME.test(name)
            ? { error: 'Letters, digits, "-", "_" and ".", beginning with a letter or digit.' }
            : {})}
        >
          {(control) => (
            <Input
              {...control}
              ref={props.of ? undefined : props.input}
              value={name}
              disabled={of !== null}
              onChange={(event) => setName(event.target.value)}
              autoComplete="off"
            />
          )}
        </Field>
        <Field label="Saga">
          {(control) => (
            <Select
              id={control.id}
              options={props.sagas.map((one) => ({ value: one, label: one }))}
              value={definition}
              onChange={setDefinition}
            />
          )}
        </Field>
        <Field label="Cron" hint="Minute, hour, day, month, weekday; six fields begin with seconds.">
          {(control) => (
            <Input
              {...control}
              ref={props.of ? props.input : undefined}
              className="mono"
              value={cron}
              onChange={(event) => setCron(event.target.value)}
              autoComplete="off"
            />
          )}
        </Field>
        <Field label="Time zone" hint="As Europe/Paris.">
          {(control) => (
            <Input
              {...control}
              value={timezone}
              onChange={(event) => setTimezone(event.target.value)}
              autoComplete="off"
            />
          )}
        </Field>
      </div>
      <NextTimes cron={cron} timezone={timezone} />
      <JsonEditor label="Input of each run" text={text} onText={setText} rows={4} />
      <Switch checked={enabled} onChange={setEnabled}>
        Switched on
      </Switch>
      <Field
        label="Reason"
        hint="Kept in the audit trail."
        {...(tried && reason.trim().length < 3 ? { error: 'Say why, in at least 3 characters.' } : {})}
      >
        {(control) => (
          <Input
            {...control}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={500}
            autoComplete="off"
          />
        )}
      </Field>
      {failure === null ? null : (
        <p role="alert" className="rounded-md bg-unhealthy-soft px-2.5 py-2 text-sm text-unhealthy">
          {failure}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={props.onClose}>
          Do nothing
        </Button>
        <Button type="submit" variant="primary" pending={pending}>
          Keep the schedule
        </Button>
      </div>
    </form>
  )
}

function NextTimes({ cron, timezone }: { cron: string; timezone: string }) {
  const trpc = useTRPC()
  const { data, error } = useQuery(
    trpc.sagas.schedules.preview.queryOptions({ data: { cron, timezone } }, { retry: false, staleTime: 60_000 }),
  )
  const format = (at: number) => {
    try {
      return new Date(at).toLocaleString('en-GB', { timeZone: timezone, dateStyle: 'medium', timeStyle: 'medium' })
    } catch {
      return new Date(at).toISOString()
    }
  }
  return (
    <div role="status" aria-label="Next times" className="min-h-24 text-sm">
      {error ? (
        <p className="text-unhealthy">{holdfastError(error).message}</p>
      ) : data ? (
        <ol className="grid gap-0.5 text-muted tabular-nums">
          {data.times.map((at) => (
            <li key={at}>
              {format(at)}{' '}
              <span className="text-xs">
                (<Ago at={at} />)
              </span>
            </li>
          ))}
          {data.times.length === 0 ? <li>It is never due.</li> : null}
        </ol>
      ) : (
        <p className="text-muted">Looking when that is…</p>
      )}
    </div>
  )
}
