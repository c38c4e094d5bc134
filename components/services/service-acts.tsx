'use client'
import type { ServiceView } from '@/core/topology'
import { ActButtons } from './act-buttons'
import { type Act, useActs } from './acts'
import { holdReleased, serviceMaintenanceEnds, serviceMaintenanceStarts } from './consequences'
import type { Traffic } from './traffic'

export function ServiceActs(props: {
  view: ServiceView
  traffic: Traffic
  size?: 'sm' | 'md'
  onForgotten?: () => void
}) {
  const { view, traffic } = props
  const { name, hold, maintenance } = view
  const acts = useActs()
  const target = { service: name }
  const offered: Act[] = []
  if (hold) {
    offered.push({
      title: `Release the held expiry of ${name}?`,
      action: 'Release hold',
      danger: true,
      lines: holdReleased(hold.instanceIds.length, hold.total),
      run: ({ reason }) => acts.releaseHold(name, reason),
    })
  }
  if (maintenance) {
    offered.push({
      title: `End the maintenance of ${name}?`,
      action: 'End maintenance',
      lines: serviceMaintenanceEnds(view.total),
      run: ({ reason }) => acts.endMaintenance(target, maintenance, reason),
    })
  } else {
    offered.push({
      title: `Put ${name} in maintenance?`,
      action: 'Start maintenance',
      expiry: true,
      lines: serviceMaintenanceStarts(view.routable, view.total, traffic),
      run: (confirmed) => acts.startMaintenance(target, confirmed),
    })
  }
  if (view.total === 0) {
    offered.push({
      title: `Forget ${name}?`,
      action: 'Forget service',
      danger: true,
      lines: [
        'It has no instances. It leaves the lists and the map; its entries stay in the journal. It comes back when something registers under this name.',
      ],
      run: async ({ reason }) => {
        await acts.forget(name, reason)
        props.onForgotten?.()
      },
    })
  }
  return <ActButtons acts={offered} size={props.size ?? 'md'} />
}
