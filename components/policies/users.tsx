'use client'
import Link from 'next/link'
import { Section } from '../services/section'
import type { PolicyView } from './use-policies'
import { who } from './words'

const SHOWN = 24

/** The processes that follow a policy at this moment. */
export function Users({ users }: { users: PolicyView['users'] }) {
  return (
    <Section title="Who follows it now">
      {users.length === 0 ? (
        <p className="text-sm text-muted">
          Nobody. A service does from its first <span className="mono text-xs">holdfast.retry</span> by this name until
          it ends.
        </p>
      ) : (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
          {users.slice(0, SHOWN).map(({ actor, instance }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: several processes may share a token and have no instance
            <li key={at} className="truncate">
              {instance ? (
                <Link href={`/services?q=${encodeURIComponent(instance)}`} className="hover:underline">
                  {instance}
                </Link>
              ) : (
                <span className="text-muted">a process of {who(actor)}</span>
              )}
            </li>
          ))}
          {users.length > SHOWN ? <li className="text-muted">and {users.length - SHOWN} more</li> : null}
        </ul>
      )}
    </Section>
  )
}
