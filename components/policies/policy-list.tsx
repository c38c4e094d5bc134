'use client'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { cn } from '../ui/cn'
import { StateGlyph } from '../ui/state'
import type { PolicyView } from './use-policies'
import { inShort, who } from './words'

/** All policies, each on two lines; what an operator has set carries their mark. */
export function PolicyList({ policies, open }: { policies: readonly PolicyView[]; open: string }) {
  const search = useSearchParams()
  const hrefOf = (name: string) => {
    const own = new URLSearchParams(search)
    own.set('policy', name)
    return `/policies?${own}`
  }
  return (
    <nav aria-label="All policies">
      <ul className="divide-y divide-line border-y border-line">
        {policies.map((policy) => (
          <li key={policy.name}>
            <Link
              href={hrefOf(policy.name)}
              scroll={false}
              aria-current={policy.name === open ? 'true' : undefined}
              className={cn(
                'grid gap-0.5 px-2 py-2 transition-colors duration-150 hover:bg-sunken',
                policy.name === open && 'bg-accent-soft hover:bg-accent-soft',
              )}
            >
              <span className="flex items-baseline justify-between gap-2">
                <span className="truncate text-sm font-medium">{policy.name}</span>
                <span className="shrink-0 text-xs text-muted">{following(policy.users.length)}</span>
              </span>
              <span className="truncate text-xs text-muted">{inShort(policy.policy)}</span>
              {policy.stored ? (
                <span className="flex items-center gap-1.5 truncate text-xs text-muted">
                  <StateGlyph state="operator" size={9} />
                  set by {who(policy.stored.updatedBy)}
                </span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function following(users: number): string {
  if (users === 0) return 'not in use'
  return users === 1 ? '1 caller' : `${users} callers`
}
