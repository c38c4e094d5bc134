'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { operation, useTRPC, useTRPCClient } from '@/components/trpc'
import { Ago } from '@/components/ui/ago'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { Table, Td, Th } from '@/components/ui/table'
import { failed, told } from '@/components/ui/toast'
import { act } from './act'
import { deviceWords } from './device'

export interface SessionRow {
  id: string
  email: string
  via: 'link' | 'password'
  createdAt: number
  lastSeenAt: number
  expiresAt: number
  address: string
  userAgent: string
  current: boolean
}

/** `own`: ending one needs no reason. With `who`, a column says whose each is. */
export function SessionTable({ sessions, own, who }: { sessions: readonly SessionRow[]; own: boolean; who: boolean }) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [asking, setAsking] = useState<SessionRow | null>(null)
  const [ending, setEnding] = useState<string | null>(null)

  async function end(session: SessionRow, reason?: string) {
    await act(() =>
      client.admin.sessions.revoke.mutate(operation({ id: session.id, ...(reason === undefined ? {} : { reason }) })),
    )
    told('The session is over.')
    await queries.invalidateQueries(trpc.admin.pathFilter())
  }

  async function endOwn(session: SessionRow) {
    setEnding(session.id)
    try {
      await end(session)
    } catch (error) {
      failed((error as Error).message)
    } finally {
      setEnding(null)
    }
  }

  return (
    <>
      <Table label={who ? 'Open sessions of others' : 'Your open sessions'}>
        <thead>
          <tr>
            {who ? <Th className="max-sm:hidden">Who</Th> : null}
            <Th>Browser</Th>
            <Th className="max-sm:hidden">Address</Th>
            <Th className="max-sm:hidden">Signed in</Th>
            <Th className="max-sm:hidden">Last seen</Th>
            <Th className="max-sm:hidden">Ends if unused</Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              {who ? <Td className="whitespace-nowrap font-medium max-sm:hidden">{session.email}</Td> : null}
              <Td className="max-sm:w-full max-sm:whitespace-normal max-sm:py-2" title={session.userAgent}>
                {who ? <span className="block font-medium sm:hidden">{session.email}</span> : null}
                {deviceWords(session.userAgent)}{' '}
                {session.current ? <Badge className="ml-1 border-accent text-accent">this one</Badge> : null}
                <span className="block text-xs text-muted sm:hidden">
                  <span className="mono">{session.address}</span>, seen <Ago at={session.lastSeenAt} />
                </span>
              </Td>
              <Td className="mono text-xs max-sm:hidden">{session.address}</Td>
              <Td className="whitespace-nowrap text-muted max-sm:hidden">
                <Ago at={session.createdAt} />, by {session.via}
              </Td>
              <Td className="whitespace-nowrap text-muted max-sm:hidden">
                <Ago at={session.lastSeenAt} />
              </Td>
              <Td className="whitespace-nowrap text-muted max-sm:hidden">
                <Ago at={session.expiresAt} />
              </Td>
              <Td className="text-right">
                {session.current ? null : (
                  <Button
                    size="sm"
                    pending={ending === session.id}
                    aria-label={`End the session of ${session.email} on ${deviceWords(session.userAgent)}`}
                    onClick={() => (own ? void endOwn(session) : setAsking(session))}
                  >
                    End
                  </Button>
                )}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      {asking ? (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setAsking(null)}
          title={`End a session of ${asking.email}`}
          action="End session"
          danger
          onConfirm={({ reason }) => end(asking, reason)}
        >
          {deviceWords(asking.userAgent)} at {asking.address} is signed out at once. {asking.email} can sign in again
          with a password or a new link.
        </ConfirmDialog>
      ) : null}
    </>
  )
}
