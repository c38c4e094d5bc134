'use client'

import { Gauge, List, Search, Waypoints } from 'lucide-react'
import type { RefObject } from 'react'
import { Button } from '../ui/button'
import { Input } from '../ui/input'
import { Popover } from '../ui/popover'
import { Segmented } from '../ui/segmented'
import { Select } from '../ui/select'
import { StateLegend } from '../ui/state'
import { LineLegend } from './line-legend'

export type Grouping = 'auto' | 'none' | 'zone' | 'prefix'

export interface ToolbarProps {
  query: string
  onQuery: (query: string) => void
  onFirst: () => void
  found: number | null
  grouping: Grouping
  onGrouping: (grouping: Grouping) => void
  /** how full everything is, instead of its traffic */
  load: boolean
  onLoad: (load: boolean) => void
  view: 'map' | 'list'
  onView: (view: 'map' | 'list') => void
  search: RefObject<HTMLInputElement | null>
  filtered: boolean
  onClear: () => void
}

/** Search, grouping, legend, map or list. */
export function Toolbar(props: ToolbarProps) {
  return (
    <div
      role="toolbar"
      aria-label="Map"
      className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 md:px-5"
    >
      <div className="relative min-w-0 grow basis-40 sm:max-w-72">
        <Search className="pointer-events-none absolute left-2.5 top-2 size-4 text-faint" aria-hidden />
        <Input
          ref={props.search}
          type="search"
          aria-label="Search services"
          value={props.query}
          placeholder="Find by name, tag, zone, version"
          onChange={(event) => props.onQuery(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && props.onFirst()}
          className="pl-8"
        />
      </div>
      <span aria-live="polite" className="text-xs text-muted">
        {props.found === null ? '' : props.found === 0 ? 'nothing found' : `${props.found} found`}
      </span>
      {props.filtered ? (
        <Button variant="quiet" size="sm" onClick={props.onClear}>
          Clear filters
        </Button>
      ) : null}
      <div className="ml-auto flex flex-wrap items-center gap-2">
        {props.view === 'map' ? (
          <Select
            label="Group services"
            value={props.grouping}
            onChange={props.onGrouping}
            options={[
              { value: 'auto', label: 'Group: automatic' },
              { value: 'none', label: 'Group: none' },
              { value: 'zone', label: 'Group: by zone' },
              { value: 'prefix', label: 'Group: by prefix' },
            ]}
          />
        ) : null}
        <Button
          variant="quiet"
          aria-pressed={props.load}
          className="aria-pressed:bg-accent-soft aria-pressed:text-text"
          onClick={() => props.onLoad(!props.load)}
        >
          <Gauge className="size-3.5" aria-hidden /> Bottlenecks
        </Button>
        <Popover
          trigger={
            <Button variant="quiet" className="hidden sm:inline-flex">
              Legend
            </Button>
          }
          className="w-96 max-w-[92vw]"
        >
          <StateLegend />
          <LineLegend />
        </Popover>
        <Segmented
          label="Show as"
          value={props.view}
          onChange={props.onView}
          options={[
            {
              value: 'map',
              label: (
                <span className="inline-flex items-center gap-1.5">
                  <Waypoints className="size-3.5" aria-hidden /> Map
                </span>
              ),
            },
            {
              value: 'list',
              label: (
                <span className="inline-flex items-center gap-1.5">
                  <List className="size-3.5" aria-hidden /> List
                </span>
              ),
            },
          ]}
        />
      </div>
    </div>
  )
}
