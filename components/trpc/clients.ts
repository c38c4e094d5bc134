/** The tab's one connection and its cache. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { createTRPCClient, createWSClient, type TRPCClient, TRPCClientError, type TRPCLink, wsLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import type { AppRouter } from '@/server/api/root'
import { holdfastError, mayRetry, retryDelay } from './errors'
import { signInAgain } from './sign-in-again'

/** The server's closing code for a session that was revoked. */
const CLOSED_REVOKED = 4401
const RECONNECT_MAX_MS = 5_000

export type ApiClient = TRPCClient<AppRouter>

export function createQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (holdfastError(error).code === 'UNAUTHENTICATED') signInAgain()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // The live stream says what has changed; without it nothing needs to be asked again.
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: 'always',
        retry: mayRetry,
        retryDelay,
      },
      mutations: { networkMode: 'always', retry: mayRetry, retryDelay },
    },
  })
}

let browserClient: ApiClient | undefined

/** One client for the life of the tab; while a page is rendered on the server, one that opens nothing. */
export function apiClient(): ApiClient {
  if (typeof window === 'undefined') return createTRPCClient<AppRouter>({ links: [noCalls] })
  browserClient ??= createBrowserClient()
  return browserClient
}

function createBrowserClient(): ApiClient {
  const socket = createWSClient({
    url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/trpc`,
    // Doubling and spread out, so that a restart of the control plane is not met by all tabs at once.
    retryDelayMs: (attempt) => Math.min(250 * 2 ** attempt, RECONNECT_MAX_MS) * (0.5 + Math.random() / 2),
    keepAlive: { enabled: true, intervalMs: 10_000, pongTimeoutMs: 5_000 },
    // A tab in the background ends its subscription; its socket follows.
    lazy: { enabled: true, closeMs: 60_000 },
    onClose: (cause) => {
      if (cause?.code !== CLOSED_REVOKED) return
      void socket.close()
      signInAgain()
    },
  })
  return createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] })
}

const noCalls: TRPCLink<AppRouter> = () => () =>
  observable((observer) => {
    observer.error(TRPCClientError.from(new Error('Calls are made in the browser; pages read through serverCaller().')))
  })
