import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { currentPrincipal } from '@/components/server-caller'
import { Mark } from '@/components/shell/mark'
import { SignInForm } from './sign-in-form'

export const metadata: Metadata = { title: 'Sign in' }

export default async function SignInPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const { token, next } = await props.searchParams
  // Only a path of our own: never where somebody else's link says.
  const to = typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/'
  if (typeof token !== 'string' && (await currentPrincipal())) redirect(to)
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <div className="w-full max-w-sm">
        <Mark className="size-9 text-accent" />
        <h1 className="mt-4 text-xl font-semibold tracking-tight">Holdfast</h1>
        <p className="mt-1 text-muted">The control plane that keeps a fleet of services standing.</p>
        <SignInForm token={typeof token === 'string' ? token : null} to={to} />
      </div>
    </main>
  )
}
