import { Activity, Pause } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ServiceView } from '@/core/topology'
import { Badge } from '../ui/badge'
import { StateGlyph } from '../ui/state'

/** What else is to be known at a glance: a held expiry, maintenance of the whole, instances that go up and down. */
export function ServiceMarks({
  view,
}: {
  view: Pick<ServiceView, 'health' | 'hold' | 'maintenance' | 'flapping'>
}): ReactNode {
  return (
    <>
      {view.hold ? (
        <Badge
          className="border-warning text-warning"
          title={`${view.hold.instanceIds.length} of ${view.hold.total} stopped beating together; they were not taken out`}
        >
          <Pause className="size-3" aria-hidden /> held {view.hold.instanceIds.length}
        </Badge>
      ) : null}
      {view.maintenance && view.health !== 'maintenance' ? (
        <Badge
          className="border-operator text-operator"
          title={`Set by ${view.maintenance.by}: ${view.maintenance.reason}`}
        >
          <StateGlyph state="maintenance" size={9} /> maintenance
        </Badge>
      ) : null}
      {view.flapping > 0 ? (
        <Badge className="border-warning text-warning" title="6 or more changes of health within 5 minutes">
          <Activity className="size-3" aria-hidden /> {view.flapping} flapping
        </Badge>
      ) : null}
    </>
  )
}
