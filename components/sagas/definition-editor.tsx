'use client'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import type { SagaSpec } from '@/core/saga/definition'
import { holdfastError, operation, useTRPCClient } from '../trpc'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { told } from '../ui/toast'
import { JsonEditor } from './json-editor'
import { parseJson, textOf } from './json-schema'
import { definitionHref } from './words'

const CHECK_MS = 350

const FIRST: SagaSpec = {
  name: 'place-order',
  steps: [
    { name: 'reserve', action: { type: 'task', task: 'reserve-stock' }, undo: {} },
    { name: 'charge', action: { type: 'task', task: 'charge-card' }, undo: {} },
    { name: 'ship', kind: 'pivot', action: { type: 'task', task: 'ship' } },
  ],
}

type Check = { state: 'ok'; steps: number } | { state: 'wrong'; message: string } | { state: 'checking' }

/** A definition as JSON, checked by the control plane while it is typed. `spec`: what a new version begins from. */
export function DefinitionEditor(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  spec: SagaSpec | null
}) {
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={props.spec ? `A new version of ${props.spec.name}` : 'Define a saga'}
      description={
        props.spec
          ? 'Runs keep the version they began with; new ones begin with the newest.'
          : 'Steps run one after another; the members of "parallel" beside each other.'
      }
      className="w-[min(52rem,calc(100vw-2rem))]"
    >
      <Form {...props} />
    </Dialog>
  )
}

function Form(props: { onOpenChange: (open: boolean) => void; spec: SagaSpec | null }) {
  const client = useTRPCClient()
  const router = useRouter()
  const [text, setText] = useState(() => textOf(props.spec ?? FIRST))
  const [check, setCheck] = useState<Check>({ state: 'checking' })
  const [pending, setPending] = useState(false)
  useEffect(() => {
    const parsed = parseJson(text)
    if (parsed.problem !== null || parsed.value === null) {
      return setCheck({ state: 'wrong', message: parsed.problem ?? 'Write a definition.' })
    }
    setCheck({ state: 'checking' })
    let isOld = false
    const timer = setTimeout(() => {
      client.sagas.validate
        .query({ data: { definition: parsed.value as unknown as SagaSpec } })
        .then(({ steps }) => isOld || setCheck({ state: 'ok', steps: steps.length }))
        .catch((error: unknown) => isOld || setCheck({ state: 'wrong', message: holdfastError(error).message }))
    }, CHECK_MS)
    return () => {
      isOld = true
      clearTimeout(timer)
    }
  }, [text, client])

  async function submit() {
    const { value, problem } = parseJson(text)
    if (problem !== null || value === null) return
    setPending(true)
    try {
      const made = await client.sagas.define.mutate(operation({ definition: value as unknown as SagaSpec }))
      told(
        made.created
          ? `${made.name} version ${made.version} is defined.`
          : `${made.name} says the same already, as version ${made.version}.`,
      )
      props.onOpenChange(false)
      router.push(`${definitionHref(made.name)}?version=${made.version}`)
      router.refresh()
    } catch (error) {
      setCheck({ state: 'wrong', message: holdfastError(error).message })
    } finally {
      setPending(false)
    }
  }

  return (
    <form
      className="grid grid-cols-1 gap-3"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <JsonEditor label="Definition" text={text} onText={setText} rows={20} />
      <p role="status" aria-label="Check of the definition" className="min-h-9 text-sm break-words">
        {check.state === 'ok' ? (
          <span className="text-healthy">
            It can be kept: {check.steps} {check.steps === 1 ? 'step' : 'steps'}.
          </span>
        ) : check.state === 'wrong' ? (
          <span className="text-unhealthy">{check.message}</span>
        ) : (
          <span className="text-muted">Checking…</span>
        )}
      </p>
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={() => props.onOpenChange(false)}>
          Do nothing
        </Button>
        <Button type="submit" variant="primary" pending={pending} disabled={check.state !== 'ok'}>
          {props.spec ? 'Define the version' : 'Define the saga'}
        </Button>
      </div>
    </form>
  )
}
