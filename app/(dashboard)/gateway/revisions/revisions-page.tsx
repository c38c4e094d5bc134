'use client'
import { useQueryState } from 'nuqs'
import { useCallback } from 'react'
import { GatewayHead } from '@/components/gateway/gateway-head'
import { RevisionDetail } from '@/components/gateway/revisions/revision-detail'
import { RevisionList } from '@/components/gateway/revisions/revision-list'
import { useRevisions } from '@/components/gateway/revisions/use-revisions'
import { useGateway } from '@/components/gateway/use-gateway'
import { holdfastError } from '@/components/trpc'
import { Button } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorState } from '@/components/ui/error-state'
import { Sheet } from '@/components/ui/sheet'
import { SkeletonRows } from '@/components/ui/skeleton'
import { revisionParam } from '../search-params'

export function RevisionsPage() {
  const [open, setOpen] = useQueryState('revision', revisionParam)
  const { gateway } = useGateway()
  const { revisions, more, asking, failure, older, query } = useRevisions(open)
  const onOpen = useCallback((revision: number) => void setOpen(revision, { history: 'push' }), [setOpen])
  const close = useCallback(() => void setOpen(null), [setOpen])
  const chosen = revisions.find(({ revision }) => revision === open)
  return (
    <div className="flex h-full">
      <div className="min-w-0 flex-1 overflow-y-auto overflow-x-hidden">
        <div className="grid grid-cols-1 gap-4 px-4 pt-4 pb-3">
          <GatewayHead
            current="/gateway/revisions"
            description="Every change of the routes: who, why and what. Any of the last 1000 can be gone back to; that is a change of its own."
          />
        </div>
        {revisions.length > 0 && gateway ? (
          <>
            <RevisionList revisions={revisions} now={gateway.revision} open={open} onOpen={onOpen} />
            <div className="grid justify-items-center gap-2 p-4">
              {more ? (
                <Button pending={asking} onClick={older}>
                  Show older revisions
                </Button>
              ) : (
                <p className="text-xs text-muted">Nothing is older.</p>
              )}
              {failure ? (
                <p role="alert" className="text-sm text-unhealthy">
                  {failure}
                </p>
              ) : null}
            </div>
          </>
        ) : query.isError ? (
          <ErrorState message={holdfastError(query.error).message} onRetry={() => void query.refetch()} />
        ) : query.data && query.data.revisions.length === 0 ? (
          <EmptyState title="Nothing was configured yet">
            The first route that is added becomes revision 1. Each change after it can be looked at here, and taken
            back.
          </EmptyState>
        ) : (
          <SkeletonRows rows={10} className="p-4" />
        )}
      </div>
      {open === null ? null : (
        <Sheet
          label={`Revision ${open}`}
          onClose={close}
          className="xl:w-[34rem]"
          title={
            <h2 className="text-sm font-semibold">
              Revision {open}
              {open === gateway?.revision ? <span className="font-normal text-muted"> in force</span> : null}
            </h2>
          }
        >
          {chosen && gateway ? (
            <RevisionDetail
              key={open}
              revision={chosen}
              later={revisions.filter(({ revision }) => revision > open)}
              gateway={gateway}
            />
          ) : asking || query.isPending ? (
            <SkeletonRows rows={4} />
          ) : (
            <p className="text-sm text-muted">This revision is not kept, or there never was one.</p>
          )}
        </Sheet>
      )}
    </div>
  )
}
