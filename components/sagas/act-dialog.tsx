'use client'
import { useEffect, useRef, useState } from 'react'
import type { DefinitionView, RunView } from '@/core/saga/view'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Field, Input } from '../ui/input'
import { type Draft, filledOf, lookedAt, problemOf, schemaOf, startOf } from './act-draft'
import { EditFields, OutputFields, RedriveFields, ResolveFields, RetryFields } from './act-fields'
import type { Filled } from './acting'
import { type Act, isLight, meaningOf } from './acts'
import { MarkLabel } from './glyph'
import { whileSame } from './while-same'
import { markOf, phaseWord, RUN_MARKS } from './words'

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
  act: Act | 'reason'
  run: RunView
  definition: DefinitionView | null
  reason: string
  onConfirm: (filled: Filled) => Promise<void> | void
}

/** Says what an act will do, takes what it needs and why, and shows the present state when the run has moved on. */
export function ActDialog(props: Props) {
  const { act, run } = props
  const input = useRef<HTMLInputElement>(null)
  const title = act === 'reason' ? 'Why is this run being debugged?' : meaningOf(act, run).title
  const wide = act !== 'reason' && ['edit', 'redrive', 'skip', 'resolve', 'signal'].includes(act.kind)
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={title}
      initialFocus={input}
      {...(wide ? { className: 'w-[min(40rem,calc(100vw-2rem))]' } : {})}
    >
      <Form {...props} input={input} />
    </Dialog>
  )
}

function Form(props: Props & { input: React.RefObject<HTMLInputElement | null> }) {
  const { act, run, definition } = props
  const [seen, setSeen] = useState(() => ({ seq: run.seq, what: lookedAt(act, run) }))
  const latest = useRef(run)
  useEffect(() => {
    latest.current = run
  }, [run])
  const [reason, setReason] = useState(props.reason)
  const [draft, setDraft] = useState<Draft>(() => startOf(act, run, definition))
  const [pending, setPending] = useState(false)
  const [noReason, setNoReason] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const light = act === 'reason' || isLight(act)
  const meaning = act === 'reason' ? null : meaningOf(act, run)
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }))
  const schema = schemaOf(act, run, definition)
  const moved = lookedAt(act, run) !== seen.what

  async function submit() {
    if (reason.trim().length < 3) {
      setNoReason(true)
      props.input.current?.focus()
      return
    }
    setNoReason(false)
    const wrong = problemOf(act, draft, schema)
    if (wrong !== null) return setFailure(wrong)
    if (moved) return setFailure('The run has moved on. Look at what it is now; then go by the present, or do nothing.')
    setPending(true)
    setFailure(null)
    try {
      const filled = { reason: reason.trim(), ...filledOf(act, draft) }
      if (seen.what === null) await props.onConfirm(filled)
      else {
        await whileSame({
          run: () => latest.current,
          isSame: (now) => lookedAt(act, now) === seen.what,
          attempt: (expectedSeq) => props.onConfirm({ ...filled, expectedSeq }),
        })
      }
      props.onOpenChange(false)
    } catch (thrown) {
      setFailure(thrown instanceof Error ? thrown.message : String(thrown))
    } finally {
      setPending(false)
    }
  }

  return (
    <form
      className="grid grid-cols-1 gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {meaning ? (
        <div className="grid gap-1.5 text-sm text-muted">
          {meaning.lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      ) : null}
      {act === 'reason' ? null : act.kind === 'retry' ? (
        <RetryFields act={act} run={run} draft={draft} onChange={change} />
      ) : act.kind === 'edit' ? (
        <EditFields act={act} run={run} schema={schema} draft={draft} onChange={change} />
      ) : act.kind === 'skip' || act.kind === 'signal' ? (
        <OutputFields act={act} draft={draft} onChange={change} />
      ) : act.kind === 'resolve' ? (
        <ResolveFields step={act.step} draft={draft} onChange={change} />
      ) : act.kind === 'redrive' ? (
        <RedriveFields run={run} schema={schema} draft={draft} onChange={change} />
      ) : null}
      <Field
        label="Reason"
        hint={
          light
            ? 'Goes with every pause, step, continue and breakpoint of yours in this run, into its history and the audit trail.'
            : 'Kept in the history of the run and in the audit trail.'
        }
        {...(noReason
          ? { error: 'Say why, in at least 3 characters. It is kept in the history and the audit trail.' }
          : {})}
      >
        {(control) => (
          <Input
            ref={props.input}
            {...control}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={500}
            autoComplete="off"
          />
        )}
      </Field>
      {failure === null ? null : (
        <p role="alert" className="rounded-md bg-unhealthy-soft px-2.5 py-2 text-sm text-unhealthy">
          {failure}
        </p>
      )}
      {moved ? (
        <div className="flex flex-wrap items-center justify-between gap-2 rounded-md bg-warning-soft px-2.5 py-2 text-sm">
          <span className="flex flex-wrap items-center gap-2">
            The run has moved on, from entry {seen.seq} to {run.seq}; it is now{' '}
            <MarkLabel mark={RUN_MARKS[run.status]} />
            <LaneNow act={act} run={run} />
          </span>
          <Button
            size="sm"
            onClick={() => {
              setSeen({ seq: run.seq, what: lookedAt(act, run) })
              setFailure(null)
            }}
          >
            Go by the present
          </Button>
        </div>
      ) : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onClick={() => props.onOpenChange(false)}>
          {act === 'reason' ? 'Leave it' : 'Do nothing'}
        </Button>
        <Button type="submit" variant={meaning?.danger ? 'danger' : 'primary'} pending={pending}>
          {meaning?.action ?? 'Keep the reason'}
        </Button>
      </div>
    </form>
  )
}

/** Of an act on a step: what that step is at now. */
function LaneNow({ act, run }: { act: Act | 'reason'; run: RunView }) {
  if (act === 'reason' || !('step' in act) || typeof act.step !== 'string') return null
  const step = run.lanes.find(({ name }) => name === act.step)
  const phase = act.kind === 'force' || act.kind === 'waive' ? 'undo' : 'phase' in act ? (act.phase ?? 'do') : 'do'
  return step ? (
    <>
      , {phaseWord(phase, step.name)} <MarkLabel mark={markOf(step, phase)} />
    </>
  ) : null
}
