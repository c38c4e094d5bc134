'use client'
import { Download } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import type { HistoryEntry } from '@/core/saga/view'
import { VirtualRows } from '../journal/virtual-rows'
import { Button } from '../ui/button'
import { cn } from '../ui/cn'
import { Segmented } from '../ui/segmented'
import { entryMark, factsOf } from './entry-words'
import { Glyph } from './glyph'
import { stepOfEntry } from './replay'

type Show = 'all' | 'people' | 'trouble' | 'step'
const SHOWS: { value: Exclude<Show, 'step'>; label: string }[] = [
  { value: 'all', label: 'Everything' },
  { value: 'people', label: 'By people' },
  { value: 'trouble', label: 'Failures' },
]

const isTrouble = (entry: HistoryEntry) =>
  entry.type === 'step.attempt-failed' || entry.type === 'undo.begun' || entry.type === 'run.deadline-passed'

/** Every entry, newest first; what people did is drawn apart. */
export function History(props: {
  entries: readonly HistoryEntry[]
  complete: boolean
  at: number | null
  /** the step that is chosen: its own entries can be shown alone */
  step: string | null
  onAt: (seq: number) => void
  /** null: not all of it is there yet */
  onSave: (() => void) | null
}) {
  const { entries, at, step, onAt } = props
  const [wanted, setShow] = useState<Show>('all')
  const show = wanted === 'step' && step === null ? 'all' : wanted
  const [held, setHeld] = useState<readonly HistoryEntry[] | null>(null)
  const from = held ?? entries
  const rows = useMemo(() => {
    const fits: Record<Show, (entry: HistoryEntry) => boolean> = {
      all: () => true,
      people: (entry) => entry.operator,
      trouble: isTrouble,
      step: (entry) => stepOfEntry(entry) === step,
    }
    return from.filter(fits[show]).reverse()
  }, [from, show, step])
  const origin = entries[0]?.seq === 1 ? (entries[0]?.at ?? 0) : 0
  const onReading = useCallback(
    (reading: boolean) => setHeld((before) => (reading ? (before ?? entries) : null)),
    [entries],
  )
  const waiting = held ? entries.length - held.length : 0
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-10 flex-wrap items-center gap-3 border-b border-line px-4 py-1.5">
        <Segmented
          label="Which entries"
          options={step === null ? SHOWS : [...SHOWS, { value: 'step' as const, label: `Only ${step}` }]}
          value={show}
          onChange={setShow}
        />
        <span className="text-xs text-muted tabular-nums">
          {rows.length} of {entries.length} entries{props.complete ? '' : ', older ones are being read'}
        </span>
        <span aria-live="polite" className="ml-auto text-xs text-muted">
          {waiting > 0 ? `${waiting} new ones wait while you read` : ''}
        </span>
        <Button size="sm" variant="quiet" disabled={props.onSave === null} onClick={() => props.onSave?.()}>
          <Download aria-hidden /> JSON
        </Button>
      </div>
      {rows.length === 0 ? (
        <p className="px-4 py-6 text-sm text-muted">
          {entries.length === 0 ? 'Reading the history…' : 'None of these.'}
        </p>
      ) : (
        <VirtualRows
          label="History of the run, newest first"
          items={rows}
          keyOf={(entry) => entry.seq}
          onEnd={nothing}
          onReading={onReading}
          footer={null}
        >
          {(entry) => <HistoryRow entry={entry} origin={origin} selected={entry.seq === at} onAt={onAt} />}
        </VirtualRows>
      )}
    </div>
  )
}

const nothing = () => {}

function HistoryRow(props: { entry: HistoryEntry; origin: number; selected: boolean; onAt: (seq: number) => void }) {
  const { entry, selected } = props
  const mark = entryMark(entry)
  const facts = factsOf(entry)
  return (
    <button
      type="button"
      data-row
      aria-pressed={selected}
      onClick={() => props.onAt(entry.seq)}
      className={cn(
        'grid min-h-8 w-full grid-cols-[3rem_1rem_minmax(0,1fr)_auto] items-center gap-x-2.5 border-b border-line px-4 py-1 text-left text-sm hover:bg-sunken',
        entry.operator && 'bg-operator-soft hover:bg-operator-soft',
        selected && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <span className="text-right text-xs text-muted tabular-nums">{entry.seq}</span>
      <Glyph shape={mark.shape} tone={mark.tone} size={13} />
      <span className="min-w-0 truncate" title={entry.summary}>
        <span className={entry.operator ? 'text-operator' : undefined}>{entry.summary}</span>
        {facts === '' ? null : <span className="ml-2 text-xs text-muted">{facts}</span>}
      </span>
      <time className="mono text-xs text-muted" dateTime={new Date(entry.at).toISOString()}>
        {clock(entry.at)}
      </time>
    </button>
  )
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 23)
}
