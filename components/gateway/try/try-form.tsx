'use client'
import { useQueryStates } from 'nuqs'
import { useState } from 'react'
import { useMay } from '../../shell/session'
import { Button } from '../../ui/button'
import { Field, Input, Textarea } from '../../ui/input'
import { Select } from '../../ui/select'
import { PairsInput } from '../editor/pairs-input'
import { TRY_METHODS, takesBody, trySearch, wrongTry } from './form'

export interface TryRequest {
  method: (typeof TRY_METHODS)[number]
  path: string
  host: string | null
  headers: [string, string][]
  body: string | null
}

export function TryForm(props: { pending: boolean; onSend: (request: TryRequest) => void }) {
  const { may, why } = useMay('operator')
  const [{ method, path, host }, setSearch] = useQueryStates(trySearch)
  const [headers, setHeaders] = useState<readonly (readonly [string, string])[]>([])
  const [body, setBody] = useState('')
  const [wrong, setWrong] = useState<string | null>(null)

  function send() {
    const problem = wrongTry({ path, headers })
    setWrong(problem)
    if (problem !== null) return
    props.onSend({
      method,
      path,
      host: host.trim() === '' ? null : host.trim(),
      headers: headers.map(([name, value]) => [name, value]),
      body: takesBody(method) && body !== '' ? body : null,
    })
  }

  return (
    <form
      noValidate
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <div className="grid gap-1.5">
          <label htmlFor="try-method" className="text-sm font-medium">
            Method
          </label>
          <Select
            id="try-method"
            options={TRY_METHODS.map((value) => ({ value, label: value }))}
            value={method}
            onChange={(value) => void setSearch({ method: value })}
            className="w-28"
          />
        </div>
        <Field label="Path and query" className="min-w-48 flex-1">
          {(control) => (
            <Input
              {...control}
              value={path}
              spellCheck={false}
              autoComplete="off"
              className="font-mono text-xs"
              onChange={(event) => void setSearch({ path: event.target.value })}
            />
          )}
        </Field>
        <Button type="submit" variant="primary" pending={props.pending} disabled={!may}>
          Send the request
        </Button>
      </div>
      {wrong !== null || !may ? (
        <p role="alert" className={wrong === null ? 'text-xs text-muted' : 'text-xs text-unhealthy'}>
          {wrong ?? why}
        </p>
      ) : null}
      <div className="grid grid-cols-1 gap-x-6 gap-y-3 md:grid-cols-2">
        <Field label="Host" hint="Empty: the gateway’s own address.">
          {(control) => (
            <Input
              {...control}
              value={host}
              spellCheck={false}
              autoComplete="off"
              placeholder="shop.example.org"
              className="max-w-sm font-mono text-xs"
              onChange={(event) => void setSearch({ host: event.target.value })}
            />
          )}
        </Field>
        <fieldset className="grid gap-1.5">
          <legend className="mb-1.5 text-sm font-medium">Headers</legend>
          <PairsInput
            control={{ id: 'try-headers', 'aria-describedby': undefined, 'aria-invalid': undefined }}
            pairs={headers}
            noun="header"
            disabled={!may}
            onChange={setHeaders}
          />
        </fieldset>
      </div>
      {takesBody(method) ? (
        <Field label="Body" hint="Sent as it stands here; say what it is with a header content-type.">
          {(control) => (
            <Textarea
              {...control}
              rows={5}
              value={body}
              spellCheck={false}
              maxLength={262_144}
              className="font-mono text-xs"
              onChange={(event) => setBody(event.target.value)}
            />
          )}
        </Field>
      ) : null}
    </form>
  )
}
