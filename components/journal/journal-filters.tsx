'use client'
import { X } from 'lucide-react'
import { useServices } from '@/components/live'
import { Button } from '@/components/ui/button'
import { isFiltered, type JournalFilter } from './entries'
import { FilterBar } from './filter-bar'
import { FilterField } from './filter-field'
import { KindsFilter } from './kinds-filter'

export function JournalFilters(props: {
  filter: JournalFilter
  actors: readonly string[]
  onChange: (change: Partial<JournalFilter>) => void
  onClear: () => void
}) {
  const { filter, onChange } = props
  const services = useServices()
  return (
    <FilterBar
      active={
        [filter.kinds.length > 0, filter.service, filter.actor, filter.key, filter.before !== null].filter(Boolean)
          .length
      }
      first={<FilterField label="Words in the summary" eager value={filter.q} onChange={(q) => onChange({ q })} />}
    >
      <KindsFilter kinds={filter.kinds} onChange={(kinds) => onChange({ kinds })} />
      <FilterField
        label="Service"
        value={filter.service}
        onChange={(service) => onChange({ service })}
        options={services.map((service) => service.name)}
        className="w-36"
      />
      <FilterField
        label="Who"
        value={filter.actor}
        onChange={(actor) => onChange({ actor })}
        options={props.actors}
        className="w-36"
      />
      <FilterField
        label="Key, as instance/…"
        value={filter.key}
        onChange={(key) => onChange({ key })}
        className="w-44"
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
      {isFiltered(filter) ? (
        <Button variant="quiet" onClick={props.onClear}>
          Clear
        </Button>
      ) : null}
    </FilterBar>
  )
}
