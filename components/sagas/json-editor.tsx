'use client'
import { useMemo } from 'react'
import type { Json } from '@/core/saga/definition'
import { Button } from '../ui/button'
import { cn } from '../ui/cn'
import { Field, Textarea } from '../ui/input'
import { parseJson, problemIn } from './json-schema'

const ROWS_MAX = 22

/** Text of some JSON, with what is wrong with it as it is typed. `schema`: what it must look like. */
export function JsonEditor(props: {
  label: string
  text: string
  onText: (text: string) => void
  schema?: Json | null
  hint?: string
  rows?: number
  className?: string
}) {
  const { text, onText, schema = null } = props
  const problem = useMemo(() => problemIn(text, schema), [text, schema])
  const rows = props.rows ?? Math.min(ROWS_MAX, Math.max(5, text.split('\n').length + 1))
  const format = () => {
    const { value, problem: broken } = parseJson(text)
    if (broken === null) onText(JSON.stringify(value, null, 2))
  }
  return (
    <div className={cn('grid gap-1', props.className)}>
      <Field label={props.label} hint={props.hint} {...(problem ? { error: problem } : {})}>
        {(control) => (
          <Textarea
            {...control}
            value={text}
            onChange={(event) => onText(event.target.value)}
            rows={rows}
            spellCheck={false}
            autoComplete="off"
            className="mono resize-y text-xs leading-5 whitespace-pre"
          />
        )}
      </Field>
      <div className="flex justify-end">
        <Button size="sm" variant="quiet" onClick={format}>
          Lay out
        </Button>
      </div>
    </div>
  )
}
