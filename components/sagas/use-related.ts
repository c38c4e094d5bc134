'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { RunSummary, RunView } from '@/core/saga/view'
import { useTRPCClient } from '../trpc'
import type { RunDetails } from './run-page'

export type Related = Pick<RunDetails, 'children' | 'forks'>

const RELATED_MAX = 100

/** Children and forks of a run: read when the page is opened, and when a step begins or ends to wait for a child. */
export function useRelated(run: RunView, first: RunDetails): Related {
  const client = useTRPCClient()
  const { data, refetch } = useQuery({
    queryKey: ['saga related', run.id],
    queryFn: async (): Promise<Related> => {
      const [children, forks] = await Promise.all([
        client.sagas.list.query({ data: { parentId: run.id, limit: RELATED_MAX } }),
        client.sagas.list.query({ data: { redriveOf: run.id, limit: RELATED_MAX } }),
      ])
      return { children: children.runs as RunSummary[], forks: forks.runs as RunSummary[] }
    },
    initialData: { children: first.children, forks: first.forks },
    // What this tab read when it was here before may lack what was forked since.
    staleTime: 0,
    initialDataUpdatedAt: 0,
  })
  const [waits, before] = [waitsOf(run), waitsOf(first.run)]
  useEffect(() => {
    if (waits !== before) void refetch()
  }, [waits, before, refetch])
  return data
}

/** Which children are waited for. */
function waitsOf(run: RunView): string {
  const of = (lane: { waitFor: RunView['lanes'][number]['do']['waitFor'] }) =>
    lane.waitFor?.type === 'child' ? [lane.waitFor.runId] : []
  return [run.endedAt, ...run.lanes.flatMap((step) => [...of(step.do), ...of(step.undo)])].join()
}
