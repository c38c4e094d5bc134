'use client'
import { useMutation } from '@tanstack/react-query'
import { GatewayHead } from '@/components/gateway/gateway-head'
import { TryForm, type TryRequest } from '@/components/gateway/try/try-form'
import { type Tried, TryResult } from '@/components/gateway/try/try-result'
import { holdfastError, operation, useTRPCClient } from '@/components/trpc'

export function TryPage() {
  const client = useTRPCClient()
  const trying = useMutation({
    // It may have had its effect: sent again only by hand.
    retry: false,
    mutationFn: async (request: TryRequest) => (await client.gateway.test.mutate(operation(request))) as Tried,
  })
  return (
    <div className="grid grid-cols-1 gap-5 p-4 pb-10">
      <GatewayHead
        current="/gateway/try"
        description="A real request through the gateway, by the routes in force, with what each step did. It counts as traffic."
      />
      <div className="grid max-w-4xl grid-cols-1">
        <TryForm pending={trying.isPending} onSend={(request) => trying.mutate(request)} />
      </div>
      <div aria-live="polite" className="min-w-0 max-w-7xl border-t border-line pt-5">
        {trying.error ? (
          <p role="alert" className="rounded-md bg-unhealthy-soft px-3 py-2 text-sm text-unhealthy">
            {holdfastError(trying.error).message}
          </p>
        ) : trying.data ? (
          <TryResult {...trying.data} />
        ) : (
          <p className="text-sm text-muted">
            {trying.isPending
              ? 'The request is under way …'
              : 'What becomes of the request is shown here, step by step.'}
          </p>
        )}
      </div>
    </div>
  )
}
