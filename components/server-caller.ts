/** For pages on the server: who is signed in, and reads of the control plane without a round trip. */
import { type DehydratedState, dehydrate, QueryClient } from '@tanstack/react-query'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import type { Holdfast } from '@/server/instance'
import type { Principal } from '@/server/principal'

export type Caller = ReturnType<Holdfast['caller']>

export function holdfast(): Holdfast {
  const instance = (globalThis as Record<symbol, unknown>)[Symbol.for('holdfast')] as Holdfast | undefined
  if (!instance)
    throw new Error('The control plane does not run in this process. Start it with npm start or npm run dev.')
  return instance
}

/** Who the request's cookie belongs to; null: nobody. Looked up once a request. */
export const currentPrincipal = cache(async (): Promise<Principal | null> => {
  return holdfast().authenticateCookie((await headers()).get('cookie') ?? undefined)
})

/** Who is signed in; sends everybody else to sign in. */
export async function requirePrincipal(): Promise<Principal> {
  const principal = await currentPrincipal()
  if (!principal) redirect('/sign-in')
  return principal
}

export async function serverCaller(): Promise<Caller> {
  return holdfast().caller(await requirePrincipal())
}

export interface Read {
  /** `registry.list` */
  path: string
  input: unknown
  read: (caller: Caller) => Promise<unknown>
}

/**
 * Reads for the first paint, ready for `<Hydrate state={…}>`. What fails is left out: the browser asks again and shows why.
 */
export async function prefetched(reads: readonly Read[]): Promise<DehydratedState> {
  const caller = await serverCaller()
  const client = new QueryClient()
  await Promise.all(
    reads.map(async ({ path, input, read }) => {
      try {
        client.setQueryData([path.split('.'), { input, type: 'query' }], await read(caller))
      } catch {}
    }),
  )
  return dehydrate(client)
}
