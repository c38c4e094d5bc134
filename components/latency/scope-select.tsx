'use client'

import { type Option, Select } from '../ui/select'
import type { LatencySearch } from './search-params'

interface Name {
  caller: string
  callee: string
  name: string
  count: number
}

export interface Names {
  routes: readonly Name[]
  instances: readonly Name[]
}

type Set = (next: Partial<LatencySearch>) => void

const OPTIONS_MAX = 300

/** Whose requests: all, those to a service, those of one edge; and of these one route or one instance. */
export function ScopeSelect({ search, names, onSet }: { search: LatencySearch; names: Names; onSet: Set }) {
  const { caller, callee, route, instance } = search
  const edges = [...names.routes, ...names.instances]
  const services = unique(edges.map((n) => n.callee))
  const pairs = unique(edges.map((n) => `${n.caller}>${n.callee}`))
  const whose = callee === null ? '' : caller === null ? `>${callee}` : `${caller}>${callee}`
  const within = (n: Name) => (callee === null || n.callee === callee) && (caller === null || n.caller === caller)
  const routes = unique(names.routes.filter((n) => within(n) && n.name !== '').map((n) => n.name))
  const instances = unique(names.instances.filter(within).map((n) => n.name))
  const one = instance !== null ? `i:${instance}` : route !== null ? `r:${route}` : ''
  return (
    <>
      <Select
        label="Whose requests"
        className="max-w-72"
        value={whose}
        options={known(
          [
            { value: '', label: 'All calls' },
            ...services.map((name) => ({ value: `>${name}`, label: `to ${name}` })),
            ...pairs.map((pair) => ({ value: pair, label: pair.replace('>', ' → ') })),
          ],
          whose,
          whose.startsWith('>') ? `to ${callee}` : `${caller} → ${callee}`,
        )}
        onChange={(value) => {
          const [from, to] = value.split('>')
          onSet({ caller: from || null, callee: to ?? null, route: null, instance: null })
        }}
      />
      {routes.length === 0 && instances.length === 0 && one === '' ? null : (
        <Select
          label="Route or instance"
          className="max-w-72"
          value={one}
          options={known(
            [
              { value: '', label: 'Every route and instance' },
              ...routes.map((name) => ({ value: `r:${name}`, label: `route ${name}` })),
              ...instances.map((name) => ({ value: `i:${name}`, label: `instance ${name}` })),
            ],
            one,
            instance !== null ? `instance ${instance}` : `route ${route}`,
          )}
          onChange={(value) =>
            onSet({
              route: value.startsWith('r:') ? value.slice(2) : null,
              instance: value.startsWith('i:') ? value.slice(2) : null,
            })
          }
        />
      )}
    </>
  )
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort().slice(0, OPTIONS_MAX)

/** What is in the URL stays chosen, also when it has no traffic in this time. */
function known(options: Option<string>[], value: string, label: string): Option<string>[] {
  return options.some((option) => option.value === value) ? options : [...options, { value, label }]
}
