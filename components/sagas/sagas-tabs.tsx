import { LinkTabs } from '../ui/tabs'

/** `waiting`: how many runs wait for a person; null where that is not known. */
export function SagasTabs({ current, waiting }: { current: 'runs' | 'stuck' | 'definitions'; waiting: number | null }) {
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
      ]}
    />
  )
}
