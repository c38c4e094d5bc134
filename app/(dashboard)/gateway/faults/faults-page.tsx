'use client'
import { FaultForm } from '@/components/gateway/faults/fault-form'
import { FaultList } from '@/components/gateway/faults/fault-list'
import { useFaults } from '@/components/gateway/faults/use-faults'
import { GatewayHead } from '@/components/gateway/gateway-head'
import { useGateway } from '@/components/gateway/use-gateway'
import { Section } from '@/components/services/section'
import { useMay } from '@/components/shell/session'
import { holdfastError } from '@/components/trpc'
import { ErrorState } from '@/components/ui/error-state'
import { SkeletonRows } from '@/components/ui/skeleton'

export function FaultsPage() {
  const faults = useFaults()
  const { gateway, query } = useGateway()
  const { may, why } = useMay('operator')
  return (
    <div className="grid grid-cols-1 gap-6 p-4 pb-10">
      <GatewayHead
        current="/gateway/faults"
        description="What happens when something is slow or fails? Try it on purpose, on a share of requests, until a time."
      />
      <Section title="On now">
        <FaultList faults={faults} />
      </Section>
      <Section title="Make a fault">
        {!may ? (
          <p className="text-sm text-muted">Looking only. {why}</p>
        ) : gateway ? (
          <FaultForm gateway={gateway} />
        ) : query.isError ? (
          <ErrorState message={holdfastError(query.error).message} onRetry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={6} />
        )}
      </Section>
    </div>
  )
}
