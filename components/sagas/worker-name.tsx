'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useServices } from '../live'
import { useTRPC } from '../trpc'

/** Who carries a step out; leads to the instance where the worker is named after one (`orders-1#3f2a.1`). */
export function WorkerName({ worker }: { worker: string }) {
  const trpc = useTRPC()
  const id = worker.split('#', 1)[0] as string
  const [service = ''] = useServices()
    .map(({ name }) => name)
    .filter((name) => id.startsWith(name))
    .sort((a, b) => b.length - a.length)
  const { data } = useQuery(
    trpc.registry.get.queryOptions({ data: { name: service } }, { enabled: service !== '', staleTime: 10_000 }),
  )
  const isKnown = data?.instances.some((instance) => instance.id === id) === true
  return isKnown ? (
    <Link
      href={`/services/${encodeURIComponent(service)}?instance=${encodeURIComponent(id)}`}
      title={worker}
      prefetch={false}
      className="text-accent hover:underline"
    >
      {id}
    </Link>
  ) : (
    <span title={worker}>{worker}</span>
  )
}
