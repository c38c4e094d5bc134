import { Badge } from '../ui/badge'

/** The chain in its order, as small chips; what does not fit is counted. */
export function ChainChips({ chain, max = 6 }: { chain: readonly { use: string }[]; max?: number }) {
  if (chain.length === 0) return <span className="text-xs text-muted">no middleware</span>
  const rest = chain.slice(max)
  return (
    <span className="flex min-w-0 flex-wrap gap-1">
      {chain.slice(0, max).map(({ use }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step of a chain is its place
        <Badge key={at}>{use}</Badge>
      ))}
      {rest.length > 0 ? <Badge title={rest.map(({ use }) => use).join(', ')}>+{rest.length}</Badge> : null}
    </span>
  )
}
