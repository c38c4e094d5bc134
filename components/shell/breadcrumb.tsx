import Link from 'next/link'

const NAMES: Record<string, string> = {
  services: 'Services',
  policies: 'Policies',
  journal: 'Journal',
  audit: 'Audit',
  settings: 'Settings',
  demo: 'Demo',
  at: 'As it was',
  stuck: 'Waiting for a person',
  definitions: 'Definitions',
  bottlenecks: 'Bottlenecks',
  schedules: 'Schedules',
  workers: 'Workers',
  log: 'Live log',
  try: 'Try a request',
  faults: 'Faults',
  revisions: 'Revisions',
  new: 'Add a route',
}

/** Folders without a page of their own. */
const FOLDERS = new Set(['/gateway/routes', '/latency/traces'])

/** Where one is; every part but the last is a link. */
export function Breadcrumb({ path }: { path: string }) {
  const parts = path.split('/').filter(Boolean)
  const all = parts.map((part, at) => ({
    href: `/${parts.slice(0, at + 1).join('/')}`,
    label:
      NAMES[part] ??
      (at === 0 || parts[0] === 'settings' ? part.slice(0, 1).toUpperCase() + part.slice(1) : decodeURIComponent(part)),
  }))
  const steps = all.filter(({ href }) => !FOLDERS.has(href))
  if (steps.length === 0) steps.push({ href: '/', label: 'Topology' })
  return (
    <nav aria-label="You are here" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1.5 text-sm">
        {steps.map((step, at) => (
          <li key={step.href} className="flex min-w-0 items-center gap-1.5">
            {at > 0 ? (
              <span aria-hidden className="text-faint">
                /
              </span>
            ) : null}
            {at === steps.length - 1 ? (
              <span aria-current="page" className="truncate font-medium" title={step.label}>
                {step.label}
              </span>
            ) : (
              <Link href={step.href} className="text-muted hover:text-text">
                {step.label}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
