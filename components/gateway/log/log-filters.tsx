'use client'
import { debounce, useQueryStates } from 'nuqs'
import { Button } from '../../ui/button'
import { Input } from '../../ui/input'
import { Segmented } from '../../ui/segmented'
import { Select } from '../../ui/select'
import { REFUSAL_WORDS } from '../words'
import { logSearch, METHODS, STATUSES } from './filter'

const STATUS_OPTIONS = [
  { value: '', label: 'All' },
  ...STATUSES.map((value) => ({ value, label: value === 'none' ? 'none' : `${value}xx` })),
] as const
const SLOW_MS = [10, 50, 100, 250, 500, 1_000, 2_000, 5_000]
const slowWord = (ms: number) => (ms < 1_000 ? `over ${ms} ms` : `over ${ms / 1_000} s`)

export function LogFilters({ routes }: { routes: readonly string[] }) {
  const [search, setSearch] = useQueryStates(logSearch)
  const { route, status, part, method, q, slow } = search
  const known = route === '' || routes.includes(route) ? routes : [...routes, route]
  const limits = slow === null || SLOW_MS.includes(slow) ? SLOW_MS : [...SLOW_MS, slow].sort((a, b) => a - b)
  const any = route !== '' || status !== null || part !== null || method !== null || q !== '' || slow !== null
  return (
    <fieldset className="flex flex-wrap items-center gap-2">
      <legend className="sr-only">Filters of the log</legend>
      <Input
        key={any ? 'some' : 'none'}
        type="search"
        aria-label="Find by path, host, request id, trace, instance or client"
        placeholder="Path, host, id, client"
        defaultValue={q}
        maxLength={200}
        onChange={(event) => void setSearch({ q: event.target.value }, { limitUrlUpdates: debounce(200) })}
        className="w-full sm:w-56"
      />
      <Select
        label="Route"
        options={[{ value: '', label: 'Every route' }, ...known.map((id) => ({ value: id, label: id }))]}
        value={route}
        onChange={(value) => void setSearch({ route: value })}
      />
      <Segmented
        label="Status"
        options={STATUS_OPTIONS}
        value={status ?? ''}
        onChange={(value) => void setSearch({ status: value === '' ? null : value })}
      />
      <Select
        label="Duration"
        options={[
          { value: '', label: 'However long' },
          ...limits.map((ms) => ({ value: String(ms), label: slowWord(ms) })),
        ]}
        value={slow === null ? '' : String(slow)}
        onChange={(value) => void setSearch({ slow: value === '' ? null : Number(value) })}
      />
      <Select
        label="Refused by"
        options={[
          { value: '', label: 'Refused or not' },
          ...Object.entries(REFUSAL_WORDS).map(([value, { word }]) => ({ value, label: `Refused: ${word}` })),
        ]}
        value={part ?? ''}
        onChange={(value) => void setSearch({ part: value === '' ? null : (value as NonNullable<typeof part>) })}
      />
      <Select
        label="Method"
        options={[{ value: '', label: 'Any method' }, ...METHODS.map((value) => ({ value, label: value }))]}
        value={method ?? ''}
        onChange={(value) => void setSearch({ method: value === '' ? null : (value as NonNullable<typeof method>) })}
      />
      {any ? (
        <Button
          variant="quiet"
          onClick={() => void setSearch({ route: null, status: null, part: null, method: null, q: null, slow: null })}
        >
          Clear
        </Button>
      ) : null}
    </fieldset>
  )
}
