'use client'
import type { RunSummary } from '@/core/saga/view'
import { ExportMenu } from '../journal/export-menu'
import { csvCell } from '../services/export'
import { useTRPCClient } from '../trpc'
import { filterInput, type RunFilter } from './runs-list'

const PAGE = 500
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

const COLUMNS: Record<string, (run: RunSummary) => string | number | null> = {
  id: (run) => run.id,
  saga: (run) => run.definition,
  version: (run) => run.version,
  state: (run) => run.status,
  key: (run) => run.idempotencyKey,
  started_at: (run) => iso(run.startedAt),
  ended_at: (run) => iso(run.endedAt),
  took_ms: (run) => (run.endedAt === null ? null : run.endedAt - run.startedAt),
  steps: (run) => run.steps.total,
  done: (run) => run.steps.done,
  undone: (run) => run.steps.undone,
  owed: (run) => run.steps.owed,
  waits_for_person: (run) => run.attention,
  error_step: (run) => run.error?.step ?? null,
  error_code: (run) => run.error?.code ?? null,
  attributes: (run) => JSON.stringify(run.attributes),
  fork_of: (run) => run.redriveOf?.runId ?? null,
  child_of: (run) => run.parent?.runId ?? null,
}

/** RFC 4180, a run a line. */
export function runsCsv(runs: readonly RunSummary[]): string {
  const lines = [Object.keys(COLUMNS), ...runs.map((run) => Object.values(COLUMNS).map((of) => of(run)))]
  return `${lines.map((line) => line.map(csvCell).join(',')).join('\r\n')}\r\n`
}

/** Saves what is filtered, newest first. */
export function ExportRuns({ filter }: { filter: RunFilter }) {
  const client = useTRPCClient()
  return (
    <ExportMenu<RunSummary, string>
      name="saga-runs"
      csv={runsCsv}
      read={async (before) => {
        const data = { ...filterInput(filter, Date.now()), limit: PAGE, ...(before === null ? {} : { before }) }
        const { runs, next } = await client.sagas.list.query({ data })
        return { rows: runs as RunSummary[], next }
      }}
    />
  )
}
