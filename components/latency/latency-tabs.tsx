import { LinkTabs } from '../ui/tabs'

export function LatencyTabs({ active }: { active: 'time' | 'bottlenecks' }) {
  return (
    <LinkTabs
      label="Latency"
      tabs={[
        { href: '/latency', label: 'Where time goes', active: active === 'time' },
        { href: '/latency/bottlenecks', label: 'Bottlenecks', active: active === 'bottlenecks' },
      ]}
    />
  )
}
