'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { Json } from '@/core/saga/definition'
import type { Breakpoint } from '@/core/saga/event'
import type { DefinitionView } from '@/core/saga/view'
import { holdfastError, operation, useTRPCClient } from '../trpc'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Field, Input } from '../ui/input'
import { Segmented } from '../ui/segmented'
import { Switch } from '../ui/switch'
import { JsonEditor } from './json-editor'
import { fieldsOf, parseJson, problemIn, problemsOf, textOf } from './json-schema'
import { attributesOf } from './runs-list'
import { SchemaFields } from './schema-fields'
import { StartBreakpoints } from './start-breakpoints'
import { runHref } from './words'

/** Starts a run of a version, from a form made of its input's schema, or from JSON. */
export function StartForm(props: { open: boolean; onOpenChange: (open: boolean) => void; definition: DefinitionView }) {
  const { definition } = props
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={`Start ${definition.name}`}
      description={`Version ${definition.version}.`}
      className="w-[min(40rem,calc(100vw-2rem))]"
    >
      <Form {...props} />
    </Dialog>
  )
}

function Form({ definition }: { definition: DefinitionView }) {
  const client = useTRPCClient()
  const router = useRouter()
  const fields = fieldsOf(definition.inputSchema)
  const [mode, setMode] = useState<'form' | 'json'>(fields ? 'form' : 'json')
  const [values, setValues] = useState<{ [name: string]: Json }>({})
  const [text, setText] = useState('{}')
  const [key, setKey] = useState('')
  const [attributes, setAttributes] = useState('')
  const [paused, setPaused] = useState(false)
  const [breakpoints, setBreakpoints] = useState<Pick<Breakpoint, 'step' | 'at'>[]>([])
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const problems = mode === 'form' ? problemsOf(definition.inputSchema, values) : []

  async function submit() {
    setTried(true)
    setFailure(null)
    const wrong = mode === 'form' ? problems.length > 0 : problemIn(text, definition.inputSchema) !== null
    if (wrong || reason.trim().length < 3) return
    setPending(true)
    try {
      const input = mode === 'form' ? values : parseJson(text).value
      const started = await client.sagas.start.mutate(
        operation({
          definition: definition.name,
          version: definition.version,
          input,
          attributes: attributesOf(attributes.split(',').map((one) => one.trim())),
          breakpoints: breakpoints.map((one) => ({ ...one, once: false })),
          paused,
          reason: reason.trim(),
          ...(key.trim() === '' ? {} : { idempotencyKey: key.trim() }),
        }),
      )
      router.push(runHref(started.runId))
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
      {fields ? (
        <Segmented
          label="How the input is given"
          options={[
            { value: 'form', label: 'Form' },
            { value: 'json', label: 'JSON' },
          ]}
          value={mode}
          onChange={(next) => {
            if (next === 'json') setText(textOf(values))
            else {
              const { value } = parseJson(text)
              if (value !== null && typeof value === 'object' && !Array.isArray(value)) setValues(value)
            }
            setMode(next)
          }}
          className="justify-self-start"
        />
      ) : null}
      {mode === 'form' && fields ? (
        <SchemaFields fields={fields} values={values} problems={tried ? problems : []} onChange={setValues} />
      ) : (
        <JsonEditor label="Input" text={text} onText={setText} schema={definition.inputSchema} />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Idempotency key" hint="The same key again gives the same run.">
          {(control) => (
            <Input
              {...control}
              value={key}
              onChange={(event) => setKey(event.target.value)}
              maxLength={200}
              autoComplete="off"
            />
          )}
        </Field>
        <Field label="Attributes" hint="What it is found by, as customer:c-7, region:north">
          {(control) => (
            <Input
              {...control}
              value={attributes}
              onChange={(event) => setAttributes(event.target.value)}
              autoComplete="off"
            />
          )}
        </Field>
      </div>
      <Switch checked={paused} onChange={setPaused}>
        Start it paused, before its first step
      </Switch>
      <StartBreakpoints steps={definition.steps} breakpoints={breakpoints} onChange={setBreakpoints} />
      <Field
        label="Reason"
        hint="Kept in the history of the run and in the audit trail."
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
      <div className="flex justify-end">
        <Button type="submit" variant="primary" pending={pending}>
          {paused ? 'Start it paused' : 'Start the run'}
        </Button>
      </div>
    </form>
  )
}
