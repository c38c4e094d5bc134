'use client'
import { ErrorState } from '@/components/ui/error-state'

/** The shell itself could not be made: the control plane is starting, stopping or in trouble. */
export default function ShellError({ error }: { error: Error & { digest?: string } }) {
  const trace = error.digest ? ` under ${error.digest}` : ''
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <ErrorState
        title="The dashboard could not be opened"
        message={`The control plane may be starting or stopping. Services go on with their own copies meanwhile. If it stays so, its log says more${trace}.`}
        onRetry={() => location.reload()}
      />
    </main>
  )
}
