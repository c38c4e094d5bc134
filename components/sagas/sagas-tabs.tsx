import { LinkTabs } from '../ui/tabs'

export type SagasTab = 'runs' | 'stuck' | 'definitions' | 'schedules' | 'workers'

/** `waiting`: how many runs wait for a person; null where that is not known. */
export function SagasTabs({ current, waiting }: { current: SagasTab; waiting: number | null }) {
  return (
    <LinkTabs
      label="Parts of sagas"
      tabs={[
        { href: '/sagas', label: 'Runs', active: current === 'runs' },
        {
          href: '/sagas/stuck',
          label: 'Waiting for a person',
          active: current === 'stuck',
          ...(waiting === null || waiting === 0 ? {} : { count: waiting }),
        },
        { href: '/sagas/definitions', label: 'Definitions', active: current === 'definitions' },
        { href: '/sagas/schedules', label: 'Schedules', active: current === 'schedules' },
        { href: '/sagas/workers', label: 'Workers', active: current === 'workers' },
      ]}
    />
  )
}
