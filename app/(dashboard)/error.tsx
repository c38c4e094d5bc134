'use client'
import { ErrorState } from '@/components/ui/error-state'

export default function PageError({ reset }: { error: Error; reset: () => void }) {
  return (
    <ErrorState
      title="This page failed"
      message="The control plane goes on; its log may say more. Try again, or go to another page."
      onRetry={reset}
    />
  )
}
