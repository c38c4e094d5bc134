'use client'
import { Download, X } from 'lucide-react'
import { HEALTH_STATES, type HealthState } from '@/core/instance'
import type { ServiceView } from '@/core/topology'
import { Button } from '../ui/button'
import { Input } from '../ui/input'
import { Menu } from '../ui/menu'
import { Select } from '../ui/select'
import { stateWord } from '../ui/state'
import type { Filter, Sort } from './order'

const STATES = [
  { value: '', label: 'Any state' },
  ...HEALTH_STATES.map((state) => ({ value: state as string, label: stateWord(state) })),
]

const NARROW_SORTS: { value: Sort; label: string }[] = [
  { value: 'state', label: 'Most urgent first' },
  { value: 'name', label: 'By name' },
  { value: '-rate', label: 'Most calls first' },
  { value: '-errors', label: 'Most errors first' },
  { value: '-p99', label: 'Slowest first' },
  { value: '-changed', label: 'Changed last first' },
]

function options(any: string, values: Iterable<string>, chosen: string | null) {
  const all = new Set(values)
  if (chosen !== null) all.add(chosen)
  return [{ value: '', label: any }, ...[...all].sort().map((value) => ({ value, label: value }))]
}

export function Filters(props: {
  filter: Filter
  sort: Sort
  all: readonly ServiceView[]
  onChange: (change: Partial<Filter> & { sort?: Sort }) => void
  onClear: () => void
  onExport: (format: 'csv' | 'json') => void
}) {
  const { filter, all, onChange } = props
  const filtered = filter.q !== '' || filter.health !== null || filter.zone !== null || filter.tag !== null
  const sorts = NARROW_SORTS.some((s) => s.value === props.sort)
    ? NARROW_SORTS
    : [{ value: props.sort, label: `By ${props.sort.replace('-', '')}` }, ...NARROW_SORTS]
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Input
        type="search"
        value={filter.q}
        onChange={(event) => onChange({ q: event.target.value })}
        placeholder="Name or tag"
        aria-label="Find services by name or tag"
        className="w-full sm:w-52"
        autoComplete="off"
        spellCheck={false}
      />
      <Select
        label="State"
        options={STATES}
        value={(filter.health ?? '') as string}
        onChange={(value) => onChange({ health: (value || null) as HealthState | null })}
      />
      <Select
        label="Zone"
        options={options(
          'Any zone',
          all.flatMap((view) => view.zones),
          filter.zone,
        )}
        value={filter.zone ?? ''}
        onChange={(value) => onChange({ zone: value || null })}
      />
      <Select
        label="Tag"
        options={options(
          'Any tag',
          all.flatMap((view) => view.tags),
          filter.tag,
        )}
        value={filter.tag ?? ''}
        onChange={(value) => onChange({ tag: value || null })}
      />
      <Select
        label="Order"
        className="md:hidden"
        options={sorts}
        value={props.sort}
        onChange={(sort) => onChange({ sort })}
      />
      {filtered ? (
        <Button variant="quiet" onClick={props.onClear}>
          <X aria-hidden /> Clear
        </Button>
      ) : null}
      <div className="ml-auto">
        <Menu
          trigger={
            <Button variant="quiet" aria-label="Export the services shown">
              <Download aria-hidden /> <span className="max-sm:sr-only">Export</span>
            </Button>
          }
          items={[
            { label: 'CSV', onSelect: () => props.onExport('csv') },
            { label: 'JSON', onSelect: () => props.onExport('json') },
          ]}
        />
      </div>
    </div>
  )
}
