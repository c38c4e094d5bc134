'use client'

/** Who is signed in, for what may be offered; the server decides again at every call. */
import { createContext, type ReactNode, useContext } from 'react'

export interface Session {
  name: string
  role: 'viewer' | 'operator' | 'admin'
  demo: boolean
  /** where services reach the control plane */
  url: string
}

const Context = createContext<Session | null>(null)

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context value={session}>{children}</Context>
}

export function useSession(): Session {
  const session = useContext(Context)
  if (!session) throw new Error('SessionProvider is missing above this component')
  return session
}

const RANK = { viewer: 0, operator: 1, admin: 2 } as const

/** May the user act as `role`? With the words to show when not. */
export function useMay(role: Session['role']): { may: boolean; why: string } {
  const session = useSession()
  const may = RANK[session.role] >= RANK[role]
  return { may, why: may ? '' : `This needs the role "${role}"; you are signed in as ${session.role}.` }
}
