'use client'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { save } from '@/components/services/save'
import { holdfastError } from '@/components/trpc'
import { Button } from '@/components/ui/button'
import { Menu } from '@/components/ui/menu'
import { failed, told } from '@/components/ui/toast'
import { toJson } from './export'

/** Rows in one file. Whoever wants more asks for the stretch before the last one. */
const EXPORT_MAX = 10_000

/** Saves what is filtered, newest first: all of it, not only what is loaded. */
export function ExportMenu<T, C = number>(props: {
  name: string
  /** one page of at most 500 rows */
  read: (cursor: C | null) => Promise<{ rows: T[]; next: C | null }>
  csv: (rows: readonly T[]) => string
}) {
  const [pending, setPending] = useState(false)

  async function run(as: 'json' | 'csv') {
    setPending(true)
    try {
      const rows: T[] = []
      let cursor: C | null = null
      do {
        const page: { rows: T[]; next: C | null } = await props.read(cursor)
        rows.push(...page.rows)
        cursor = page.next
      } while (cursor !== null && rows.length < EXPORT_MAX)
      if (as === 'json') save(`${props.name}.json`, 'application/json', toJson(rows))
      else save(`${props.name}.csv`, 'text/csv', props.csv(rows))
      told(
        cursor === null
          ? `${rows.length === 1 ? '1 row' : `${rows.length} rows`} saved.`
          : `The newest ${rows.length} rows saved. Narrow the filter for older ones.`,
      )
    } catch (error) {
      failed(holdfastError(error).message)
    } finally {
      setPending(false)
    }
  }

  return (
    <Menu
      trigger={
        <Button variant="quiet" pending={pending}>
          <Download aria-hidden />
          Export
        </Button>
      }
      items={[
        { label: 'As CSV', onSelect: () => void run('csv') },
        { label: 'As JSON', onSelect: () => void run('json') },
      ]}
    />
  )
}
