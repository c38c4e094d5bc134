'use client'
import { useQueries } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useServices } from '../live'
import { useTRPC } from '../trpc'
import { StateGlyph, stateWord } from '../ui/state'
import { PaletteGroup, PaletteItem, type Run } from './palette-item'
import { instancesNamed, instancesOf, servicesNamed } from './palette-search'

/** Services by name, and the instances of those that the words may mean. */
export function PaletteFleet({ run, typed }: { run: Run; typed: string }) {
  const router = useRouter()
  const trpc = useTRPC()
  const services = useServices()
  const found = servicesNamed(services, typed)
  const instances = useQueries({
    queries: instancesOf(services, typed).map((name) => trpc.registry.get.queryOptions({ data: { name } })),
    combine: (answers) =>
      instancesNamed(
        answers.flatMap(({ data }) => data?.instances ?? []),
        typed,
      ),
  })
  return (
    <>
      {found.length > 0 ? (
        <PaletteGroup heading="Services">
          {found.map((service) => (
            <PaletteItem
              key={service.name}
              value={`service ${service.name}`}
              icon={<StateGlyph state={service.health} />}
              label={service.name}
              note={`${stateWord(service.health)}, ${service.routable} of ${service.total} routable`}
              onSelect={() => run(() => router.push(`/services/${encodeURIComponent(service.name)}`))}
            />
          ))}
        </PaletteGroup>
      ) : null}
      {instances.length > 0 ? (
        <PaletteGroup heading="Instances">
          {instances.map((instance) => (
            <PaletteItem
              key={instance.id}
              value={`instance ${instance.id}`}
              keywords={[instance.service, instance.address]}
              icon={<StateGlyph state={instance.health} />}
              label={instance.id}
              note={`${stateWord(instance.health)}, ${instance.address}`}
              onSelect={() =>
                run(() =>
                  router.push(
                    `/services/${encodeURIComponent(instance.service)}?instance=${encodeURIComponent(instance.id)}`,
                  ),
                )
              }
            />
          ))}
        </PaletteGroup>
      ) : null}
    </>
  )
}
