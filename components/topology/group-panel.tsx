'use client'

import { useServices } from '../live'
import { Button } from '../ui/button'
import { Sheet } from '../ui/sheet'
import { StateGlyph, StateLabel } from '../ui/state'
import { Section, TrafficFigures } from './panel-parts'
import { SEVERITY } from './summary'
import type { NodeView } from './views'

/** The services of a closed group, those in trouble first. */
export function GroupPanel(props: {
  view: NodeView
  members: readonly string[]
  onClose: () => void
  onOpen: () => void
  onService: (name: string) => void
}) {
  const { view, members } = props
  const inside = new Set(members)
  const services = useServices()
    .filter((s) => inside.has(s.name))
    .sort((a, b) => SEVERITY.indexOf(a.health) - SEVERITY.indexOf(b.health))
  return (
    <Sheet
      label={`Group ${view.name}`}
      onClose={props.onClose}
      className="xl:w-96"
      title={
        <>
          <h2 className="truncate text-lg font-semibold">{view.name}</h2>
          <StateLabel state={view.health} word={`${view.services} services, ${view.total} instances`} />
        </>
      }
      actions={
        <Button size="sm" onClick={props.onOpen}>
          Open on the map
        </Button>
      }
    >
      <Section title="Calls to it from outside and within">
        <TrafficFigures traffic={view.inbound} />
      </Section>
      <Section title="Services">
        <ul className="-mx-2 text-sm">
          {services.map((service) => (
            <li key={service.name}>
              <button
                type="button"
                onClick={() => props.onService(service.name)}
                className="flex w-full items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-sunken"
              >
                <StateGlyph state={service.health} label={service.health} />
                <span className="min-w-0 flex-1 truncate">{service.name}</span>
                <span className="text-xs text-muted">
                  {service.total} {service.total === 1 ? 'instance' : 'instances'}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </Section>
    </Sheet>
  )
}
