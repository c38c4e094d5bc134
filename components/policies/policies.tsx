'use client'
import { useQueryStates } from 'nuqs'
import { useMay } from '../shell/session'
import { holdfastError } from '../trpc'
import { ErrorState } from '../ui/error-state'
import { PageHeader } from '../ui/page-header'
import { SkeletonRows } from '../ui/skeleton'
import { Editor } from './editor'
import { NewPolicy } from './new-policy'
import { PolicyList } from './policy-list'
import { policiesSearch } from './search-params'
import { usePolicies } from './use-policies'

const FIRST = 'gentle'

export function Policies() {
  const { policies, query } = usePolicies()
  const [search, setSearch] = useQueryStates(policiesSearch)
  const { may } = useMay('operator')
  if (!policies) {
    if (query.error) {
      return <ErrorState message={holdfastError(query.error).message} onRetry={() => void query.refetch()} />
    }
    return <SkeletonRows rows={8} className="p-4" />
  }
  const name = search.policy ?? FIRST
  const open = (policy: string) => void setSearch({ policy }, { history: 'push' })
  return (
    <div className="grid min-h-full grid-cols-1 content-start gap-4 p-4">
      <PageHeader
        title="Policies"
        description="How callers try again. A change reaches every process that follows the policy at once."
        actions={may ? <NewPolicy taken={policies.map((p) => p.name)} onNew={open} /> : null}
      />
      <div className="grid grid-cols-1 items-start gap-x-6 gap-y-5 lg:grid-cols-[15rem_minmax(0,1fr)]">
        <PolicyList policies={policies} open={name} />
        <Editor key={name} name={name} view={policies.find((p) => p.name === name) ?? null} />
      </div>
    </div>
  )
}
