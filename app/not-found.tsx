import Link from 'next/link'
import { EmptyState } from '@/components/ui/empty-state'

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <EmptyState
        title="There is no such page"
        action={
          <Link className="text-accent underline" href="/">
            Go to the topology
          </Link>
        }
      >
        It may have been moved, or what it showed was deregistered.
      </EmptyState>
    </main>
  )
}
