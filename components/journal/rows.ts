/** Rows as they come over the wire, where what is undefined is left out. */
import type { inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '@/server/api/root'

type Outputs = inferRouterOutputs<AppRouter>

export type Journaled = Outputs['journal']['list']['events'][number]
export type Audited = Outputs['audit']['list']['entries'][number]
