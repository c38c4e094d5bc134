'use client'
import { Plus } from 'lucide-react'
import type { RouteMatch, RouteSpec } from '@/core/gateway/route'
import { NumberInput } from '../../policies/setting'
import { Button } from '../../ui/button'
import { cn } from '../../ui/cn'
import { Field, Input } from '../../ui/input'
import { Segmented } from '../../ui/segmented'
import { Switch } from '../../ui/switch'
import type { Draft } from '../draft'
import type { placeAmong } from '../order'
import type { Problems } from '../problems'
import { takesWord } from '../words'
import { ListInput } from './list-input'
import { RemoveButton } from './pairs-input'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const KINDS = [
  { value: 'prefix', label: 'and below' },
  { value: 'exact', label: 'exactly' },
  { value: 'pattern', label: 'pattern' },
] as const
const KIND_HINTS: Record<RouteMatch['path']['kind'], string> = {
  prefix: 'This path and everything below it, by whole segments.',
  exact: 'This path alone.',
  pattern: '":name" stands for one segment, a last "*" for the rest: /orders/:id/items/*',
}

/** Which requests a route takes. */
export function MatchForm(props: {
  draft: Draft
  problems: Problems
  place: ReturnType<typeof placeAmong>
  disabled: boolean
  onChange: (change: Partial<RouteSpec>) => void
}) {
  const { draft, problems, place, disabled } = props
  const { match } = draft
  const set = (change: Partial<RouteMatch>) => props.onChange({ match: { ...match, ...change } })
  const wrong = (...lines: (string[] | undefined)[]) => {
    const all = lines.flatMap((line) => line ?? [])
    return all.length === 0 ? {} : { error: all.join('. ') }
  }
  const others = match.methods.filter((method) => !METHODS.includes(method))
  return (
    <div className="grid gap-4">
      <Field label="Path" hint={KIND_HINTS[match.path.kind]} {...wrong(problems.at.path)}>
        {(control) => (
          <div className="flex flex-wrap gap-2">
            <Input
              {...control}
              value={match.path.value}
              disabled={disabled}
              spellCheck={false}
              autoComplete="off"
              className="min-w-40 flex-1 font-mono text-xs"
              onChange={(event) => set({ path: { ...match.path, value: event.target.value } })}
            />
            <Segmented
              label="How the path is compared"
              options={KINDS}
              value={match.path.kind}
              onChange={(kind) => !disabled && set({ path: { ...match.path, kind } })}
            />
          </div>
        )}
      </Field>
      <Field label="Hosts" hint="None: any host. *.example.org takes all below one." {...wrong(problems.at.hosts)}>
        {(control) => (
          <ListInput
            control={control}
            items={match.hosts}
            disabled={disabled}
            placeholder="any host"
            as={(text) => text.toLowerCase()}
            onChange={(hosts) => set({ hosts })}
          />
        )}
      </Field>
      <div className="grid gap-1.5">
        <fieldset className="flex flex-wrap items-center gap-1.5">
          <legend className="mb-1.5 text-sm font-medium">Methods</legend>
          {[...METHODS, ...others].map((method) => {
            const on = match.methods.includes(method)
            return (
              <button
                key={method}
                type="button"
                aria-pressed={on}
                disabled={disabled}
                onClick={() =>
                  set({ methods: on ? match.methods.filter((other) => other !== method) : [...match.methods, method] })
                }
                className={cn(
                  'h-7 rounded-md border px-2 font-mono text-xs transition-colors duration-150 disabled:opacity-50',
                  on
                    ? 'border-accent bg-accent-soft font-medium text-text'
                    : 'border-line-strong text-muted hover:text-text',
                )}
              >
                {method}
              </button>
            )
          })}
        </fieldset>
        <p className={cn('text-xs', problems.at.methods ? 'text-unhealthy' : 'text-muted')}>
          {problems.at.methods?.join('. ') ??
            (match.methods.length === 0 ? 'None chosen: any method.' : 'Others hear 405.')}
        </p>
      </div>
      <div className="grid gap-1.5">
        <fieldset className="grid gap-1.5">
          <legend className="mb-1.5 text-sm font-medium">Headers</legend>
          {match.headers.map((header, at) => {
            const change = (next: typeof header) => set({ headers: match.headers.map((h, i) => (i === at ? next : h)) })
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a condition has no identity but its place
              <div key={at} className="flex flex-wrap items-center gap-1.5">
                <Input
                  aria-label={`Name of header ${at + 1}`}
                  value={header.name}
                  disabled={disabled}
                  placeholder="name"
                  spellCheck={false}
                  autoComplete="off"
                  className="w-36 font-mono text-xs"
                  onChange={(event) => change({ ...header, name: event.target.value.toLowerCase() })}
                />
                {header.value === null ? (
                  <span className="flex-1 text-xs text-muted">whatever it is</span>
                ) : (
                  <Input
                    aria-label={`Value of header ${at + 1}`}
                    value={header.value}
                    disabled={disabled}
                    placeholder="exactly this"
                    spellCheck={false}
                    autoComplete="off"
                    className="min-w-24 flex-1 font-mono text-xs"
                    onChange={(event) => change({ ...header, value: event.target.value })}
                  />
                )}
                <Switch
                  checked={header.value === null}
                  disabled={disabled}
                  onChange={(any) => change({ ...header, value: any ? null : '' })}
                >
                  <span className="text-xs">any value</span>
                </Switch>
                <RemoveButton
                  label={`Remove header ${at + 1}`}
                  disabled={disabled}
                  onClick={() => set({ headers: match.headers.filter((_, i) => i !== at) })}
                />
              </div>
            )
          })}
          {disabled ? null : (
            <Button
              size="sm"
              className="justify-self-start"
              disabled={match.headers.length >= 10}
              onClick={() => set({ headers: [...match.headers, { name: '', value: null }] })}
            >
              <Plus aria-hidden /> Ask for a header
            </Button>
          )}
        </fieldset>
        {problems.at.headers ? (
          <p role="alert" className="text-xs text-unhealthy">
            {problems.at.headers.join('. ')}
          </p>
        ) : null}
      </div>
      <Field label="Priority" hint="The higher is looked at first; among equals the more specific.">
        {(control) => (
          <NumberInput
            control={{ ...control, 'aria-describedby': control['aria-describedby'] ?? '' }}
            value={draft.priority}
            unit=""
            min={-1_000}
            max={1_000}
            step={1}
            disabled={disabled}
            onChange={(priority) => priority !== null && props.onChange({ priority: Math.round(priority) })}
          />
        )}
      </Field>
      <p className="rounded-md bg-sunken px-3 py-2 text-sm">
        {takesWord(match)}.{' '}
        <span className="text-muted">
          {draft.enabled
            ? `Looked at as number ${place.at} of ${place.of}${place.after === null ? '' : `, after ${place.after}`}.`
            : 'Disabled: it takes nothing.'}
        </span>
      </p>
    </div>
  )
}
