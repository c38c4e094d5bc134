'use client'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Field, Input } from '@/components/ui/input'
import { isErrorJson } from '@/core/errors'

async function post(path: string, body: unknown): Promise<string | null> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => null)
  if (!answer) return 'The control plane does not answer. Is it running?'
  if (answer.ok) return null
  const said: unknown = await answer.json().catch(() => null)
  const error = (said as { error?: unknown } | null)?.error ?? said
  return isErrorJson(error) ? error.message : `Signing in failed (${answer.status}).`
}

/** By password, or by a one-time link, which is used up by a form and never by merely opening it. */
export function SignInForm({ token, to }: { token: string | null; to: string }) {
  const [error, setError] = useState<string | null>(null)
  const [pending, setPending] = useState(false)
  const sent = useRef(false)

  async function signIn(path: string, body: unknown) {
    setPending(true)
    setError(null)
    const problem = await post(path, body)
    if (problem === null) return location.replace(to)
    setError(problem)
    setPending(false)
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for a link, whatever renders again
  useEffect(() => {
    if (token === null || sent.current) return
    sent.current = true
    void signIn('/api/auth/link', { token })
  }, [token])

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    void signIn('/api/auth/sign-in', { email: form.get('email'), password: form.get('password') })
  }

  if (token !== null && error === null) {
    return (
      <p className="mt-8 text-sm text-muted" role="status">
        Signing you in with your link …
      </p>
    )
  }
  return (
    <form onSubmit={submit} className="mt-8 grid gap-4">
      {error ? (
        <p role="alert" className="rounded-md bg-unhealthy-soft px-3 py-2 text-sm text-unhealthy">
          {error}
        </p>
      ) : null}
      <Field label="E-mail">
        {(control) => <Input {...control} name="email" type="email" autoComplete="username" required autoFocus />}
      </Field>
      <Field label="Password">
        {(control) => <Input {...control} name="password" type="password" autoComplete="current-password" required />}
      </Field>
      <Button type="submit" variant="primary" pending={pending}>
        Sign in
      </Button>
      <p className="text-xs text-muted">
        No password yet, or lost? An admin can give you a one-time link under Settings; on the machine itself,{' '}
        <code className="whitespace-nowrap">npm start -- --sign-in-link</code> prints one.
      </p>
    </form>
  )
}
