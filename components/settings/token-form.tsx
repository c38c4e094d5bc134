'use client'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type RefObject, useId, useState } from 'react'
import { operation, useTRPC, useTRPCClient } from '@/components/trpc'
import { Button } from '@/components/ui/button'
import { Field, Input } from '@/components/ui/input'
import { Select } from '@/components/ui/select'
import { act } from './act'
import { Failure } from './failure'
import { parseServices, tokenNameProblem } from './problems'
import { EXPIRIES, type Expiry, SCOPES, type Scope, SERVICE_SCOPES } from './scopes'

export interface Created {
  name: string
  secret: string
  scopes: readonly Scope[]
  services: readonly string[] | null
}

export function TokenForm(props: {
  first: RefObject<HTMLInputElement | null>
  onCancel: () => void
  onCreated: (created: Created) => void
}) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly Scope[]>(SERVICE_SCOPES)
  const [limit, setLimit] = useState('')
  const [expiry, setExpiry] = useState<Expiry>('never')
  const [tried, setTried] = useState(false)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const expiryId = useId()
  const badName = tokenNameProblem(name)
  const { services, problem: badLimit } = parseServices(limit)
  const noScope = scopes.length === 0 ? 'Choose at least one.' : null

  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (badName !== null || badLimit !== null || noScope !== null) return
    setPending(true)
    setFailure(null)
    try {
      const grant = {
        name: name.trim(),
        scopes: SCOPES.map((scope) => scope.value).filter((scope) => scopes.includes(scope)),
        services: services.length === 0 ? null : services,
        expiresInMs: EXPIRIES.find((one) => one.value === expiry)?.ms ?? null,
      }
      const { secret } = await act(() => client.admin.tokens.create.mutate(operation(grant)))
      void queries.invalidateQueries(trpc.admin.pathFilter())
      props.onCreated({ ...grant, secret })
    } catch (error) {
      setFailure((error as Error).message)
    } finally {
      setPending(false)
    }
  }

  return (
    <form className="grid gap-4" noValidate onSubmit={(event) => void submit(event)}>
      <Field
        label="Name"
        hint="Shown in the journal as token:name; what it registers belongs to this name."
        {...(tried && badName !== null ? { error: badName } : {})}
      >
        {(control) => (
          <Input
            ref={props.first}
            {...control}
            maxLength={100}
            autoComplete="off"
            spellCheck={false}
            value={name}
            onChange={(e) => setName(e.target.value)}
          />
        )}
      </Field>
      <fieldset className="grid gap-1">
        <legend className="mb-1 text-sm font-medium">What it may do</legend>
        {SCOPES.map((scope) => (
          <label
            key={scope.value}
            className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-2.5 rounded-md px-1 py-0.5 text-sm hover:bg-sunken"
          >
            <input
              type="checkbox"
              className="translate-y-px accent-(--accent)"
              checked={scopes.includes(scope.value)}
              onChange={(event) =>
                setScopes(event.target.checked ? [...scopes, scope.value] : scopes.filter((one) => one !== scope.value))
              }
            />
            <span>
              {scope.label} <span className="mono ml-1 text-xs text-muted">{scope.value}</span>
              <span className="block text-xs text-muted">{scope.words}</span>
            </span>
          </label>
        ))}
        {tried && noScope !== null ? (
          <p role="alert" className="text-xs text-unhealthy">
            {noScope}
          </p>
        ) : null}
      </fieldset>
      <Field
        label="Only for these services"
        hint="Separated by commas; empty: any. Limits what it registers and reports for, not what it finds."
        {...(tried && badLimit !== null ? { error: badLimit } : {})}
      >
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            spellCheck={false}
            value={limit}
            onChange={(e) => setLimit(e.target.value)}
          />
        )}
      </Field>
      <div className="grid gap-1.5">
        <label htmlFor={expiryId} className="text-sm font-medium">
          It works
        </label>
        <Select id={expiryId} options={EXPIRIES} value={expiry} onChange={setExpiry} />
      </div>
      <Failure message={failure} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onClick={props.onCancel}>
          Cancel
        </Button>
        <Button type="submit" variant="primary" pending={pending}>
          Create token
        </Button>
      </div>
    </form>
  )
}
