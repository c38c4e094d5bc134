'use client'
import { type ReactNode, useId } from 'react'
import type { Json } from '@/core/saga/definition'
import type { RunView } from '@/core/saga/view'
import { Select } from '../ui/select'
import { Switch } from '../ui/switch'
import { canRetry, type Draft } from './act-draft'
import type { Act } from './acts'
import { childrenAgain, doneAgain, forkable, keysFor, undoneAgain } from './fork-from'
import { JsonEditor } from './json-editor'

type Change = (part: Partial<Draft>) => void

export function RetryFields(props: {
  act: Extract<Act, { kind: 'retry' }>
  run: RunView
  draft: Draft
  onChange: Change
}) {
  const { act, run, draft, onChange } = props
  const step = run.lanes.find(({ name }) => name === act.step)
  if (act.phase === 'undo' || step?.do.maybe || step?.keySpent) return null
  return (
    <Switch checked={draft.newKey} onChange={(newKey) => onChange({ newKey })}>
      Under a new key: participants take it for something new
    </Switch>
  )
}

export function EditFields(props: {
  act: Extract<Act, { kind: 'edit' }>
  run: RunView
  schema: Json | null
  draft: Draft
  onChange: Change
}) {
  const { act, run, draft, onChange } = props
  return (
    <>
      <JsonEditor
        label={`Input of ${act.phase === 'do' ? act.step : `the undo of ${act.step}`}`}
        text={draft.text}
        onText={(text) => onChange({ text })}
        schema={props.schema}
        {...(props.schema ? { hint: 'Checked against the schema of the step.' } : {})}
      />
      {canRetry(act, run) ? (
        <Switch checked={draft.retry} onChange={(retry) => onChange({ retry })}>
          And retry it with this
        </Switch>
      ) : null}
    </>
  )
}

export function OutputFields(props: {
  act: Extract<Act, { kind: 'skip' | 'signal' }>
  draft: Draft
  onChange: Change
}) {
  const { act, draft, onChange } = props
  return (
    <JsonEditor
      label={act.kind === 'skip' ? `Output of ${act.step}, as later steps read it` : 'What is sent with it'}
      text={draft.text}
      onText={(text) => onChange({ text })}
    />
  )
}

export function ResolveFields({ step, draft, onChange }: { step: string; draft: Draft; onChange: Change }) {
  return (
    <>
      <Choices
        legend="What is true"
        value={draft.happened === null ? null : draft.happened ? 'yes' : 'no'}
        onChange={(value) => onChange({ happened: value === 'yes' })}
        options={[
          { value: 'yes', label: 'It has happened', note: `${step} counts as done, with the output below.` },
          { value: 'no', label: 'It has not happened', note: `${step} counts as failed.` },
        ]}
      />
      {draft.happened ? (
        <JsonEditor
          label={`Output of ${step}, as later steps and its undo read it`}
          text={draft.text}
          onText={(text) => onChange({ text })}
        />
      ) : null}
    </>
  )
}

export function RedriveFields(props: { run: RunView; schema: Json | null; draft: Draft; onChange: Change }) {
  const { run, draft, onChange } = props
  const id = useId()
  const able = forkable(run)
  const problem = keysProblem(run, draft)
  return (
    <>
      <div className="grid gap-1.5">
        <label htmlFor={id} className="text-sm font-medium">
          From which step
        </label>
        <Select
          id={id}
          options={able.map((name) => ({ value: name, label: name }))}
          value={draft.from}
          onChange={(from) => onChange({ from, keys: keysFor(run, from) ?? draft.keys })}
        />
        {able.length < run.lanes.length ? (
          <p className="text-xs text-muted">
            Only steps are offered before which all is done and not undone: the fork takes that over.
          </p>
        ) : null}
      </div>
      <Choices
        legend="Keys of the steps that run again"
        value={draft.keys}
        onChange={(keys) => onChange({ keys: keys as Draft['keys'] })}
        options={[
          {
            value: 'reused',
            label: 'The same keys',
            note: 'Participants that have done a step answer with their first result: nothing happens twice.',
          },
          {
            value: 'new',
            label: 'New keys',
            note: 'Everything from that step on happens anew, also what happened before.',
          },
        ]}
      />
      {problem ? (
        <p role="alert" className="rounded-md bg-warning-soft px-2.5 py-2 text-sm">
          {problem}
        </p>
      ) : null}
      <JsonEditor
        label="Input of the fork"
        text={draft.text}
        onText={(text) => onChange({ text })}
        schema={props.schema}
        hint="As it was, unless you change it."
      />
      <Switch checked={draft.paused} onChange={(paused) => onChange({ paused })}>
        Start it paused
      </Switch>
    </>
  )
}

/** What the chosen keys would do that one would not expect. */
function keysProblem(run: RunView, { from, keys }: Draft): string | null {
  if (keys === 'new') {
    const twice = doneAgain(run, from)
    return twice.length === 0
      ? null
      : `${namesOf(twice)} ${twice.length === 1 ? 'was' : 'were'} done and not undone: under new keys it happens a second time.`
  }
  const undone = undoneAgain(run, from)
  if (undone.length > 0) {
    return `${namesOf(undone)} ${undone.length === 1 ? 'was' : 'were'} undone under these keys. A participant that keeps the rules refuses to do again what it has undone: take new keys.`
  }
  const sagas = childrenAgain(run, from)
  return sagas.length === 0
    ? null
    : `${namesOf(sagas)} ${sagas.length === 1 ? 'is a saga of its own, whose' : 'are sagas of their own, whose'} steps cannot keep their keys: take new keys, or begin at a later step.`
}

function namesOf(names: readonly string[]): string {
  return names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '')
}

function Choices(props: {
  legend: string
  value: string | null
  onChange: (value: string) => void
  options: { value: string; label: string; note: ReactNode }[]
}) {
  const name = useId()
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 text-sm font-medium">{props.legend}</legend>
      {props.options.map((option) => (
        <label
          key={option.value}
          className="grid grid-cols-[auto_1fr] gap-x-2.5 rounded-md border border-line px-3 py-2 text-sm has-checked:border-accent has-checked:bg-accent-soft"
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={props.value === option.value}
            onChange={() => props.onChange(option.value)}
            className="mt-1 accent-(--accent)"
          />
          <span>
            <span className="font-medium">{option.label}</span>
            <span className="block text-xs text-muted">{option.note}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
