'use client'
import { useEffect, useState } from 'react'
import type { DemoStatus } from '@/server/demo'
import { useEdges } from '../live'
import { advance, EXPERIMENTS, type Experiment, type Progress, type Seen } from './experiments'
import type { Observed } from './observed'
import type { Deed } from './use-deed'

export type Runs = ReadonlyMap<string, Progress>

/** The experiments that have been begun on this page, and how far each has come. */
export function useExperiments(status: DemoStatus | null, observed: Observed, act: Deed) {
  const edges = useEdges()
  const [runs, setRuns] = useState<Runs>(new Map())

  useEffect(() => {
    if (!status) return
    const seen: Seen = {
      now: Date.now(),
      process: (id) => status.instances.find((instance) => instance.id === id),
      registry: (id) => observed.get(id),
      edge: (caller, callee) => edges.find((edge) => edge.caller === caller && edge.callee === callee),
      load: status.load.points,
    }
    setRuns((before) => {
      let after: Map<string, Progress> | null = null
      for (const experiment of EXPERIMENTS) {
        const progress = before.get(experiment.id)
        const next = progress && advance(experiment, progress, seen)
        if (next && next !== progress) after = (after ?? new Map(before)).set(experiment.id, next)
      }
      return after ?? before
    })
  }, [status, observed, edges])

  const begin = async (experiment: Experiment): Promise<void> => {
    const progress: Progress = { startedAt: Date.now(), metAt: [] }
    if (await act(experiment.instance, experiment.action)) {
      setRuns((before) => new Map(before).set(experiment.id, progress))
    }
  }
  const forget = (experiment: Experiment): void =>
    setRuns((before) => {
      const after = new Map(before)
      after.delete(experiment.id)
      return after
    })
  return { runs, begin, forget }
}
