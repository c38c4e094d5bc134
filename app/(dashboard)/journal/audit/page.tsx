import type { Metadata } from 'next'
import type { SearchParams } from 'nuqs/server'
import { Audit } from '@/components/journal/audit'
import { auditInput } from '@/components/journal/audit-entries'
import { PAGE_SIZE } from '@/components/journal/entries'
import { prefetched, serverCaller } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { loadAuditParams } from './search-params'

export const metadata: Metadata = { title: 'Audit' }

export default async function AuditPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { id, ...filter } = await loadAuditParams(searchParams)
  const data = { ...auditInput(filter), limit: PAGE_SIZE, ...(filter.before === null ? {} : { before: filter.before }) }
  const opened = { data: { before: (id ?? 0) + 1, limit: 1 } }
  const [page, panel] = await Promise.all([
    // What the address asks for may be nonsense; then the browser asks again and shows what is wrong with it.
    serverCaller()
      .then((caller) => caller.audit.list({ data }))
      .catch(() => null),
    prefetched(id === null ? [] : [{ path: 'audit.list', input: opened, read: (c) => c.audit.list(opened) }]),
  ])
  return (
    <Hydrate state={panel}>
      <Audit first={page === null ? null : { filter, page }} />
    </Hydrate>
  )
}
