'use client'
import type { ReactNode } from 'react'
import { useMay } from '@/components/shell/session'
import { EmptyState } from '@/components/ui/empty-state'

/** Shows `children` to admins; tells everybody else why not, and what to do. */
export function ForAdmins({ what, children }: { what: string; children: ReactNode }) {
  const { may, why } = useMay('admin')
  if (may) return children
  return (
    <EmptyState title={`${what} are managed by admins`}>{why} An admin can change your role under Users.</EmptyState>
  )
}
