'use client'
import { Ago, useNow } from '@/components/ui/ago'
import { StateLabel } from '@/components/ui/state'

/** Until when a token works, or since when it does not. */
export function TokenEnd({ token }: { token: { revokedAt: number | null; expiresAt: number | null } }) {
  const now = useNow()
  if (token.revokedAt !== null) {
    return (
      <span className="inline-flex items-center gap-1.5">
        <StateLabel state="gone" word="revoked" /> <Ago at={token.revokedAt} className="text-muted" />
      </span>
    )
  }
  if (token.expiresAt === null) return <span className="text-muted">until revoked</span>
  if (now !== null && token.expiresAt <= now) {
    return (
      <span className="inline-flex items-center gap-1.5">
        <StateLabel state="gone" word="expired" /> <Ago at={token.expiresAt} className="text-muted" />
      </span>
    )
  }
  return (
    <span>
      ends <Ago at={token.expiresAt} />
    </span>
  )
}
