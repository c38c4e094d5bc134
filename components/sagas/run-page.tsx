'use client'
import { useRouter } from 'next/navigation'
import { useQueryStates } from 'nuqs'
import { useCallback, useMemo, useState } from 'react'
import type { Phase } from '@/core/saga/event'
import type { DefinitionView, RunSummary, RunView } from '@/core/saga/view'
import { Sheet } from '../ui/sheet'
import { Tabs } from '../ui/tabs'
import { ActingProvider, useActing } from './acting'
import { DebuggerBar } from './debugger-bar'
import { Gantt } from './gantt'
import { History } from './history'
import { Lanes } from './lanes'
import { Replay } from './replay'
import { RunAbout, RunAside } from './run-aside'
import { RunGraph } from './run-graph'
import { RunHeader } from './run-header'
import { Scrubber } from './scrubber'
import { type RunViewName, runParams } from './search-params'
import { StepPanel } from './step-panel'
import { type RunNow, useRun } from './use-run'
import { runHref } from './words'

export interface RunDetails {
  run: RunView
  definition: DefinitionView
  children: RunSummary[]
  forks: RunSummary[]
}

/** One run: what it is at, how it came there, and the means to move it. */
export function RunPage({ first }: { first: RunDetails }) {
  const router = useRouter()
  const now = useRun(first.run.id, first.run)
  const onFork = useCallback((runId: string) => router.push(runHref(runId)), [router])
  return (
    <ActingProvider run={now.run} definition={first.definition} onFork={onFork}>
      <Content now={now} first={first} />
    </ActingProvider>
  )
}

function Content({ now, first }: { now: RunNow; first: RunDetails }) {
  const { definition } = first
  const [{ view, step, phase, at }, setParams] = useQueryStates(runParams, { scroll: false })
  const { may, act } = useActing()
  const [plan, setPlan] = useState<boolean | null>(null)
  const [replay] = useState(() => new Replay(definition))
  const { entries, complete, run } = now
  const past = useMemo(
    () => (at !== null && complete && at < run.seq ? replay.follow(entries).view(at) : null),
    [at, complete, run.seq, replay, entries],
  )
  const shown = past ?? run
  const showPlan = plan ?? (run.paused !== null && past === null)
  const onSelect = useCallback(
    (name: string, half: Phase) =>
      void setParams((before) =>
        before.step === name && before.phase === half ? { step: null, phase: null } : { step: name, phase: half },
      ),
    [setParams],
  )
  const close = useCallback(() => void setParams({ step: null, phase: null }), [setParams])
  const onAt = useCallback(
    (seq: number | null) => void setParams({ at: seq === null || seq >= run.seq ? null : Math.max(1, seq) }),
    [setParams, run.seq],
  )
  const onBreakpoint = useCallback(
    (name: string, where: 'before' | 'after' | 'error' | 'undo', on: boolean) =>
      act({ kind: on ? 'setBreakpoint' : 'clearBreakpoint', step: name, at: where }),
    [act],
  )
  const onRunTo = useCallback((name: string) => act({ kind: 'continue', until: name }), [act])
  const selected = step === null ? null : { step, phase }
  const open = shown.lanes.find(({ name }) => name === step) ?? null
  const mayAct = may && past === null && run.endedAt === null

  const lanes = (
    <Lanes
      run={shown}
      later={past === null ? null : run}
      selected={selected}
      onSelect={onSelect}
      showPlan={showPlan}
      onBreakpoint={mayAct ? onBreakpoint : null}
      onRunTo={mayAct && run.paused !== null ? onRunTo : null}
    />
  )
  return (
    <div className="flex h-full">
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="grid grid-cols-1 gap-3 border-b border-line px-4 pt-4 pb-3">
          <RunHeader run={run} />
          <DebuggerBar run={run} showPlan={showPlan} onPlan={setPlan} />
        </div>
        <Tabs
          label="Ways to look at the run"
          value={view}
          onChange={(next: RunViewName) => void setParams({ view: next })}
          className="run-tabs flex min-h-0 flex-1 flex-col [&>[role=tablist]]:px-4 [&>[role=tabpanel]]:min-h-0 [&>[role=tabpanel]]:flex-1 [&>[role=tabpanel]]:overflow-y-auto [&>[role=tabpanel]]:pt-0"
          tabs={[
            {
              value: 'lanes',
              label: 'Lanes',
              content: (
                <>
                  {lanes}
                  <div className="px-4 py-5 lg:hidden">
                    <RunAbout run={shown} past={past !== null} details={first} />
                  </div>
                </>
              ),
            },
            {
              value: 'graph',
              label: 'Graph',
              content: <RunGraph run={shown} selected={step} onSelect={(name) => onSelect(name, 'do')} />,
            },
            {
              value: 'time',
              label: 'Time',
              content: <Gantt run={shown} selected={selected} onSelect={onSelect} />,
            },
            {
              value: 'history',
              label: 'History',
              content: <History entries={entries} complete={complete} at={at} onAt={onAt} />,
            },
          ]}
        />
        <Scrubber entries={entries} complete={complete} head={run.seq} at={at} onAt={onAt} replay={replay} />
      </div>
      {open ? (
        <Sheet
          label={`Step ${open.name}`}
          onClose={close}
          title={<h2 className="truncate text-sm font-semibold">{open.name}</h2>}
        >
          <StepPanel
            run={shown}
            step={open}
            phase={phase}
            past={past !== null}
            onPhase={(half) => void setParams({ phase: half })}
          />
        </Sheet>
      ) : (
        <RunAside run={shown} past={past !== null} details={first} />
      )}
    </div>
  )
}
