'use client'
import { ErrorState } from '@/components/ui/error-state'

/** A page failed; the shell around it goes on. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const trace = error.digest ? ` under ${error.digest}` : ''
  return (
    <ErrorState
      title="This page failed"
      message={`The control plane and your services go on; only this view is broken. The log may say more${trace}. Try again, or go to another page.`}
      onRetry={reset}
    />
  )
}
