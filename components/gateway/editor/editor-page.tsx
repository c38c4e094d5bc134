'use client'
import { holdfastError } from '../../trpc'
import { ErrorState } from '../../ui/error-state'
import { SkeletonRows } from '../../ui/skeleton'
import { useGateway } from '../use-gateway'
import { RouteEditor } from './route-editor'

export function EditorPage({ id, service = '' }: { id: string | null; service?: string }) {
  const { gateway, query } = useGateway()
  return (
    <div className="mx-auto max-w-7xl p-4 pb-10">
      {gateway ? (
        <RouteEditor key={id} id={id} service={service} gateway={gateway} />
      ) : query.isError ? (
        <ErrorState message={holdfastError(query.error).message} onRetry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={12} />
      )}
    </div>
  )
}
