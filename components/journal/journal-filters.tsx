'use client'
import { X } from 'lucide-react'
import { useServices } from '@/components/live'
import { Button } from '@/components/ui/button'
import { isFiltered, type JournalFilter } from './entries'
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
    <search className="flex flex-wrap items-center gap-2">
      <FilterField
        label="Words in the summary"
        eager
        value={filter.q}
        onChange={(q) => onChange({ q })}
        className="w-full sm:w-56"
      />
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
    </search>
  )
}
