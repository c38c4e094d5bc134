'use client'

import Link from 'next/link'
import { useSyncExternalStore } from 'react'
import { EmptyState } from '../ui/empty-state'
import { Snippet } from '../ui/snippet'

const nothing = () => () => {}

/** Before the first service: the two ways to get one. */
export function FirstService() {
  const origin = useSyncExternalStore(
    nothing,
    () => location.origin,
    () => 'http://127.0.0.1:3000',
  )
  const code = `import { connect } from '@holdfast/sdk'

const holdfast = await connect({
  url: '${origin}',
  token: process.env.HOLDFAST_TOKEN,
  service: {
    name: 'payments',
    address: '127.0.0.1:4103',
    check: { http: '/healthz', intervalMs: 5_000 },
    ttlMs: 10_000,
  },
})`
  return (
    <div className="h-full overflow-y-auto">
      <EmptyState title="Register the first service">
        <div className="grid gap-4 text-left">
          <p className="text-center">
            It appears here the moment it connects. Create its token under{' '}
            <Link href="/settings/tokens" className="text-accent hover:text-accent-hover">
              Settings, Tokens
            </Link>
            .
          </p>
          <Snippet code={code} label="Ten lines with the SDK" />
          <p className="text-center">Or look around first, with a fleet of real processes and traffic:</p>
          <Snippet code="npm start -- --demo" label="Start the demo fleet" />
        </div>
      </EmptyState>
    </div>
  )
}
