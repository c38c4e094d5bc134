'use client'
import type { Json } from '@/core/saga/definition'
import { Field, Input } from '../ui/input'
import { Select } from '../ui/select'
import { Switch } from '../ui/switch'
import type { FieldSpec, Problem } from './json-schema'

type Values = { [name: string]: Json }

/** A field for each plain property. What is left empty is left out. */
export function SchemaFields(props: {
  fields: readonly FieldSpec[]
  values: Values
  problems: readonly Problem[]
  onChange: (values: Values) => void
}) {
  const { fields, values, problems } = props
  const put = (name: string, value: Json | undefined) => {
    const { [name]: _, ...rest } = values
    props.onChange(value === undefined ? rest : { ...rest, [name]: value })
  }
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {fields.map((field) => {
        const problem = problems.find(({ path }) => path === field.name)
        if (field.type === 'boolean') {
          return (
            <div key={field.name} className="self-center pt-3">
              <Switch checked={values[field.name] === true} onChange={(on) => put(field.name, on)}>
                {field.label}
              </Switch>
            </div>
          )
        }
        return (
          <Field
            key={field.name}
            label={
              <>
                {field.label}
                {field.required ? null : <span className="ml-1 text-xs font-normal text-muted">optional</span>}
              </>
            }
            {...(field.hint ? { hint: field.hint } : {})}
            {...(problem ? { error: `It ${problem.message}.` } : {})}
          >
            {(control) =>
              field.type === 'choice' ? (
                <Select
                  id={control.id}
                  options={[{ value: '', label: '–' }, ...field.choices.map((one) => ({ value: one, label: one }))]}
                  value={String(values[field.name] ?? '')}
                  onChange={(value) => put(field.name, value === '' ? undefined : value)}
                />
              ) : (
                <Input
                  {...control}
                  inputMode={field.type === 'text' ? 'text' : 'decimal'}
                  value={String(values[field.name] ?? '')}
                  onChange={(event) => put(field.name, read(field, event.target.value))}
                  autoComplete="off"
                />
              )
            }
          </Field>
        )
      })}
    </div>
  )
}

/** A text that is no number stays a text, so that it can be said what is wrong with it. */
function read(field: FieldSpec, text: string): Json | undefined {
  if (text === '') return undefined
  if (field.type === 'text') return text
  const number = Number(text)
  return Number.isFinite(number) && !/[.eE+-]$/.test(text) ? number : text
}
