'use client'
import { X } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Select } from '@/components/ui/select'
import { type AuditFilter, isAuditFiltered } from './audit-entries'
import { FilterBar } from './filter-bar'
import { FilterField } from './filter-field'
import { ACTIONS } from './kinds'

export function AuditFilters(props: {
  filter: AuditFilter
  actors: readonly string[]
  onChange: (change: Partial<AuditFilter>) => void
  onClear: () => void
}) {
  const { filter, onChange } = props
  const actions: string[] = [...ACTIONS]
  if (filter.action !== '' && !actions.includes(filter.action)) actions.push(filter.action)
  return (
    <FilterBar
      active={[filter.actor, filter.action, filter.target, filter.before !== null].filter(Boolean).length}
      first={<FilterField label="Words, anywhere" eager value={filter.q} onChange={(q) => onChange({ q })} />}
    >
      <FilterField
        label="Who"
        value={filter.actor}
        onChange={(actor) => onChange({ actor })}
        options={props.actors}
        className="w-44"
      />
      <Select
        label="Action"
        value={filter.action}
        onChange={(action) => onChange({ action })}
        options={[{ value: '', label: 'All actions' }, ...actions.map((action) => ({ value: action, label: action }))]}
        className={filter.action === '' ? '' : 'border-accent'}
      />
      <FilterField
        label="To what, as service/…"
        value={filter.target}
        onChange={(target) => onChange({ target })}
        className="w-48"
      />
      {filter.before === null ? null : (
        <Button
          onClick={() => onChange({ before: null })}
          className="border-accent"
          aria-label="Go back to the newest entries"
        >
          before {filter.before}
          <X aria-hidden />
        </Button>
      )}
      {isAuditFiltered(filter) ? (
        <Button variant="quiet" onClick={props.onClear}>
          Clear
        </Button>
      ) : null}
    </FilterBar>
  )
}
