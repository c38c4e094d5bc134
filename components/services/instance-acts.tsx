'use client'
import type { Instance } from '@/core/instance'
import { ActButtons } from './act-buttons'
import { type Act, useActs } from './acts'
import { instanceDeregisters, instanceDrains, instanceLeaves } from './consequences'
import type { Traffic } from './traffic'

export function InstanceActs(props: { instance: Instance; siblings: readonly Instance[]; traffic: Traffic }) {
  const { instance, siblings, traffic } = props
  const { id, drain, maintenance } = instance
  const acts = useActs()
  const target = { instance: id }
  const backLines = [
    'It is judged by its heartbeats and its check again, at once, and takes traffic when they are good.',
  ]
  const offered: Act[] = [
    drain
      ? {
          title: `Stop draining ${id}?`,
          action: 'Stop draining',
          lines: backLines,
          run: ({ reason }) => acts.stopDrain(id, drain, reason),
        }
      : {
          title: `Drain ${id}?`,
          action: 'Drain',
          expiry: true,
          lines: instanceDrains(instance, siblings, traffic),
          run: (confirmed) => acts.startDrain(id, confirmed),
        },
    maintenance
      ? {
          title: `End the maintenance of ${id}?`,
          action: 'End maintenance',
          lines: instance.serviceMaintenance
            ? ['The whole service stays in maintenance, and this instance with it.']
            : backLines,
          run: ({ reason }) => acts.endMaintenance(target, maintenance, reason),
        }
      : {
          title: `Put ${id} in maintenance?`,
          action: 'Start maintenance',
          expiry: true,
          lines: [
            ...instanceLeaves(instance, siblings, traffic),
            'Heartbeats and checks go on and are shown; they do not bring it back until it ends.',
          ],
          run: (confirmed) => acts.startMaintenance(target, confirmed),
        },
    {
      title: `Deregister ${id}?`,
      action: 'Deregister',
      danger: true,
      lines: instanceDeregisters(instance, siblings, traffic),
      run: ({ reason }) => acts.deregister(id, reason),
    },
  ]
  return <ActButtons acts={offered} size="sm" />
}
