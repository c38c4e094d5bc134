import { failed } from '../ui/toast'

/** Ends the session and leaves for the sign-in page; says so when the control plane could not be told. */
export async function signOut(): Promise<void> {
  const answer = await fetch('/api/auth/sign-out', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  }).catch(() => null)
  if (answer === null || answer.status >= 500) {
    failed('You are still signed in: the control plane does not answer. Try again.')
    return
  }
  location.assign('/sign-in')
}
