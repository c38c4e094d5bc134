import Link from 'next/link'
import { cn } from './cn'

/** Tabs that are links: each has a URL of its own. */
export function LinkTabs(props: {
  label: string
  tabs: { href: string; label: string; active: boolean; count?: number }[]
}) {
  return (
    <nav aria-label={props.label} className="flex gap-4 overflow-x-auto border-b border-line">
      {props.tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href}
          aria-current={tab.active ? 'page' : undefined}
          className={cn(
            '-mb-px whitespace-nowrap border-b-2 px-0.5 py-2 text-sm transition-colors duration-150',
            tab.active ? 'border-accent font-medium text-text' : 'border-transparent text-muted hover:text-text',
          )}
        >
          {tab.label}
          {tab.count === undefined ? null : <span className="ml-1.5 text-faint">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  )
}
