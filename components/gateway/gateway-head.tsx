import type { ReactNode } from 'react'
import { PageHeader } from '../ui/page-header'
import { LinkTabs } from '../ui/tabs'

const TABS = [
  { href: '/gateway', label: 'Routes' },
  { href: '/gateway/log', label: 'Live log' },
  { href: '/gateway/try', label: 'Try a request' },
  { href: '/gateway/faults', label: 'Faults' },
  { href: '/gateway/revisions', label: 'Revisions' },
] as const

export function GatewayHead(props: {
  current: (typeof TABS)[number]['href']
  actions?: ReactNode
  description?: ReactNode
}) {
  return (
    <div className="grid min-w-0 grid-cols-1 gap-4">
      <PageHeader
        title="Gateway"
        description={props.description ? <span className="max-sm:hidden">{props.description}</span> : null}
        actions={props.actions}
      />
      <LinkTabs
        label="Parts of the gateway"
        tabs={TABS.map(({ href, label }) => ({ href, label, active: href === props.current }))}
      />
    </div>
  )
}
