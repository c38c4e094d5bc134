'use client'

/** What services and scripts sign in with. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { useRef, useState } from 'react'
import { holdfastError, operation, useTRPC, useTRPCClient } from '@/components/trpc'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { Dialog } from '@/components/ui/dialog'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorState } from '@/components/ui/error-state'
import { SkeletonRows } from '@/components/ui/skeleton'
import { told } from '@/components/ui/toast'
import { act } from './act'
import { Section } from './section'
import { type Created, TokenForm } from './token-form'
import { TokenSecret } from './token-secret'
import { type TokenRow, TokenTable } from './token-table'

export function Tokens() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const [creating, setCreating] = useQueryState('create', parseAsBoolean.withDefault(false))
  const [created, setCreated] = useState<Created | null>(null)
  const [revoking, setRevoking] = useState<TokenRow | null>(null)
  const first = useRef<HTMLInputElement>(null)
  const list = useQuery(trpc.admin.tokens.list.queryOptions({ data: {} }))
  const create = (
    <Button variant="primary" onClick={() => void setCreating(true)}>
      <KeyRound aria-hidden />
      Create a token
    </Button>
  )

  return (
    <Section
      title="Service tokens"
      description="What services and scripts sign in with. One for each service, so that each can be revoked alone."
      actions={list.data?.tokens.length === 0 ? null : create}
    >
      {created ? <TokenSecret key={created.secret} created={created} onDone={() => setCreated(null)} /> : null}
      {list.isPending ? (
        <SkeletonRows rows={4} />
      ) : list.isError ? (
        <ErrorState message={holdfastError(list.error).message} onRetry={() => void list.refetch()} />
      ) : list.data.tokens.length === 0 ? (
        <EmptyState title="No token yet" action={create}>
          A service registers with a token. Create one for the first service; the code to use it comes with it.
        </EmptyState>
      ) : (
        <TokenTable tokens={list.data.tokens} onRevoke={setRevoking} />
      )}
      <Dialog
        open={creating}
        onOpenChange={(open) => void setCreating(open || null)}
        title="Create a token"
        initialFocus={first}
      >
        <TokenForm
          first={first}
          onCancel={() => void setCreating(null)}
          onCreated={(token) => {
            setCreated(token)
            void setCreating(null)
          }}
        />
      </Dialog>
      {revoking ? (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setRevoking(null)}
          title={`Revoke the token ${revoking.name}`}
          action="Revoke token"
          danger
          onConfirm={async ({ reason }) => {
            await act(() => client.admin.tokens.revoke.mutate(operation({ id: revoking.id, reason })))
            told(`The token ${revoking.name} is revoked.`)
            await queries.invalidateQueries(trpc.admin.pathFilter())
          }}
        >
          Every connection that uses it ends at once and cannot come back with it. Instances registered with it go down
          when their heartbeats run out{revoking.services === null ? '' : `: ${revoking.services.join(', ')}`}. This
          cannot be undone; a new token can be created under the same name.
        </ConfirmDialog>
      ) : null}
    </Section>
  )
}
