'use client'

/** Calls to the control plane from the browser: `useTRPC()` for queries and mutations, all over one WebSocket. */
import { type DehydratedState, HydrationBoundary, QueryClientProvider } from '@tanstack/react-query'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import { type ReactNode, useState } from 'react'
import type { AppRouter } from '@/server/api/root'
import { apiClient, createQueryClient } from './trpc/clients'

export { holdfastError } from './trpc/errors'
export { type Operation, operation } from './trpc/operation'
export { signInAgain } from './trpc/sign-in-again'

const context = createTRPCContext<AppRouter>()

export const { useTRPC, useTRPCClient, TRPCProvider } = context

export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient)
  const [client] = useState(apiClient)
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  )
}

/** Puts what the server page has read into the cache; see `prefetched` in server-caller.ts. */
export function Hydrate({ state, children }: { state: DehydratedState; children: ReactNode }) {
  return <HydrationBoundary state={state}>{children}</HydrationBoundary>
}
