import type { Metadata } from 'next'
import Link from 'next/link'
import { Mark } from '@/components/shell/mark'
import { buttonStyle } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'

export const metadata: Metadata = { title: 'No such page' }

// No catch-all page stands in the dashboard for this: it would match /api/trpc, and Next ends WebSockets whose path is a page.
export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <div>
        <Mark className="mx-auto size-8 text-muted" />
        <EmptyState
          title="There is no such page"
          action={
            <div className="flex gap-2">
              <Link className={buttonStyle()} href="/">
                Go to the topology
              </Link>
              <Link className={buttonStyle({ variant: 'quiet' })} href="/services">
                All services
              </Link>
            </div>
          }
        >
          The address may be mistyped, or what it showed was deregistered.
        </EmptyState>
      </div>
    </main>
  )
}
