'use client'
import { useRouter } from 'next/navigation'
import { useQueryStates } from 'nuqs'
import { useCallback, useMemo, useState } from 'react'
import type { Phase } from '@/core/saga/event'
import type { DefinitionView, RunSummary, RunView } from '@/core/saga/view'
import { save } from '../services/save'
import { Sheet } from '../ui/sheet'
import { Tabs } from '../ui/tabs'
import { ActingProvider, useActing } from './acting'
import { DebuggerBar } from './debugger-bar'
import { Gantt } from './gantt'
import { History } from './history'
import { Lanes } from './lanes'
import { Moment } from './moment'
import { PastNote } from './past-note'
import { Replay } from './replay'
import { RunAbout, RunAside } from './run-aside'
import { RunGraph } from './run-graph'
import { RunHeader } from './run-header'
import { Scrubber } from './scrubber'
import { type RunViewName, runParams } from './search-params'
import { StepPanel } from './step-panel'
import { useRelated } from './use-related'
import { type RunNow, useRun } from './use-run'
import { useRunKeys } from './use-run-keys'
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
  const related = useRelated(run, first)
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
  useRunKeys({
    go: may && run.endedAt === null ? () => act({ kind: run.paused ? 'continue' : 'pause' }) : null,
    step: may && run.endedAt === null && run.paused ? () => act({ kind: 'step' }) : null,
    plan: run.endedAt === null ? () => setPlan(!showPlan) : null,
    back: complete ? () => onAt((at ?? run.seq) - 1) : null,
    forth: at === null ? null : () => onAt(at + 1),
    now: at === null ? null : () => onAt(null),
    view: (next) => void setParams({ view: next }),
  })
  const onSave = () =>
    save(
      `run-${run.id}.json`,
      'application/json',
      `${JSON.stringify({ run, definition, history: entries }, null, 2)}\n`,
    )
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
    <Moment value={past === null ? null : past.updatedAt}>
      <div className="flex h-full">
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="grid grid-cols-1 gap-3 border-b border-line px-4 pt-4 pb-3">
            <RunHeader run={run} />
            <DebuggerBar run={run} showPlan={showPlan} onPlan={setPlan} />
          </div>
          {past ? <PastNote past={past} head={run.seq} onNow={() => onAt(null)} /> : null}
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
                      <RunAbout run={shown} past={past !== null} related={related} />
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
                content: <Gantt run={shown} entries={entries} selected={selected} onSelect={onSelect} onAt={onAt} />,
              },
              {
                value: 'history',
                label: 'History',
                content: (
                  <History
                    entries={entries}
                    complete={complete}
                    at={at}
                    step={step}
                    onAt={onAt}
                    onSave={complete ? onSave : null}
                  />
                ),
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
              definition={definition}
              childRuns={related.children.filter(({ parent }) => parent?.step === open.name)}
              step={open}
              phase={phase}
              past={past !== null}
              onPhase={(half) => void setParams({ phase: half })}
            />
          </Sheet>
        ) : (
          <RunAside run={shown} past={past !== null} related={related} />
        )}
      </div>
    </Moment>
  )
}
