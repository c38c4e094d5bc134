import { LinkTabs } from '../ui/tabs'

/** `stuck`: how many runs wait for a person; null where that is not known. */
export function SagasTabs({ current, stuck }: { current: 'runs' | 'stuck' | 'definitions'; stuck?: number | null }) {
  return (
    <LinkTabs
      label="Parts of sagas"
      tabs={[
        { href: '/sagas', label: 'Runs', active: current === 'runs' },
        {
          href: '/sagas/stuck',
          label: 'Waiting for a person',
          active: current === 'stuck',
          ...(stuck === undefined || stuck === null || stuck === 0 ? {} : { count: stuck }),
        },
        { href: '/sagas/definitions', label: 'Definitions', active: current === 'definitions' },
      ]}
    />
  )
}
