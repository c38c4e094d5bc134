import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'

/** The end of what is loaded: more is coming, more can be had, or this was all. */
export function ListFoot(props: {
  loading: boolean
  failed: string | null
  hasMore: boolean
  onMore: () => void
  end: string
}) {
  if (props.loading) return <SkeletonRows rows={3} className="px-4 py-3" />
  if (props.failed !== null) {
    return (
      <p role="alert" className="flex flex-wrap items-center gap-3 px-4 py-4 text-sm text-unhealthy">
        {props.failed} <Button onClick={props.onMore}>Try again</Button>
      </p>
    )
  }
  if (props.hasMore) {
    return (
      <p className="px-4 py-4">
        <Button onClick={props.onMore}>Show older</Button>
      </p>
    )
  }
  return <p className="px-4 py-4 text-xs text-muted">{props.end}</p>
}
