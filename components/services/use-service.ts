'use client'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useConnection, useEdges, useService } from '../live'
import { useTRPC } from '../trpc'
import { addUp, edgesOf } from './traffic'

/** Heartbeats leave no entry in the journal, so their age is asked for while somebody looks at it. */
const HEARTBEATS_MS = 2_000

/** A service with its instances and the calls into and out of it, kept current. */
export function useServiceDetail(name: string) {
  const trpc = useTRPC()
  const live = useService(name)
  const edges = useEdges()
  const { paused } = useConnection()
  const query = useQuery(
    trpc.registry.get.queryOptions({ data: { name } }, { refetchInterval: paused ? false : HEARTBEATS_MS }),
  )
  const around = useMemo(() => edgesOf(name, edges), [name, edges])
  const traffic = useMemo(() => addUp(around.incoming), [around])
  return { view: live ?? query.data?.service, instances: query.data?.instances, ...around, traffic, query }
}
