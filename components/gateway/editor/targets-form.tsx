'use client'
import { Plus } from 'lucide-react'
import { useId } from 'react'
import { BALANCES, type RouteSpec, type Target } from '@/core/gateway/route'
import { useServices } from '../../live'
import { NumberInput } from '../../policies/setting'
import { Button } from '../../ui/button'
import { formatShare } from '../../ui/figure'
import { Field, Input } from '../../ui/input'
import { Segmented } from '../../ui/segmented'
import { Select } from '../../ui/select'
import { StateGlyph } from '../../ui/state'
import { Switch } from '../../ui/switch'
import type { Draft } from '../draft'
import type { Problems } from '../problems'
import { BALANCE_WORDS, shares } from '../words'
import { ListInput } from './list-input'
import { RemoveButton } from './pairs-input'

const TARGETS_MAX = 20

/** Where a route's requests go: services of the registry or addresses, split by weight. */
export function TargetsForm(props: {
  draft: Draft
  problems: Problems
  disabled: boolean
  onChange: (change: Partial<RouteSpec>) => void
}) {
  const { draft, problems, disabled, onChange } = props
  const { targets } = draft
  const share = shares(targets)
  const set = (at: number, target: Target) => onChange({ targets: targets.map((t, i) => (i === at ? target : t)) })
  return (
    <div className="grid gap-2">
      <ol className="grid gap-2" aria-label="Targets">
        {targets.map((target, at) => (
          <TargetRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a target has no identity but its place
            key={at}
            target={target}
            share={share[at] as number}
            at={at}
            alone={targets.length === 1}
            disabled={disabled}
            onChange={(next) => set(at, next)}
            onRemove={() => onChange({ targets: targets.filter((_, i) => i !== at) })}
          />
        ))}
      </ol>
      {problems.at.targets ? (
        <p role="alert" className="text-xs text-unhealthy">
          {problems.at.targets.join('. ')}
        </p>
      ) : null}
      {disabled || targets.length >= TARGETS_MAX ? null : (
        <Button
          size="sm"
          className="justify-self-start"
          onClick={() => onChange({ targets: [...targets, { service: '', addresses: [], weight: 1 }] })}
        >
          <Plus aria-hidden /> Split with another target
        </Button>
      )}
    </div>
  )
}

function TargetRow(props: {
  target: Target
  share: number
  at: number
  alone: boolean
  disabled: boolean
  onChange: (target: Target) => void
  onRemove: () => void
}) {
  const { target, at, disabled, onChange } = props
  const id = useId()
  const services = useServices()
  const known = services.find(({ name }) => name === target.service)
  const control = { id, 'aria-describedby': `${id}-told`, 'aria-invalid': undefined }
  return (
    <li className="grid gap-2 rounded-md border border-line bg-surface p-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <Segmented
          label={`Kind of target ${at + 1}`}
          options={[
            { value: 'service', label: 'service' },
            { value: 'addresses', label: 'addresses' },
          ]}
          value={target.service === null ? 'addresses' : 'service'}
          onChange={(kind) =>
            !disabled &&
            onChange({ ...target, addresses: [], service: kind === 'service' ? (target.service ?? '') : null })
          }
        />
        <label htmlFor={id} className="sr-only">
          {target.service === null ? `Addresses of target ${at + 1}` : `Service of target ${at + 1}`}
        </label>
        {target.service === null ? null : (
          <>
            <Input
              {...control}
              value={target.service}
              list={`${id}-services`}
              disabled={disabled}
              placeholder="name of a service"
              spellCheck={false}
              autoComplete="off"
              className="min-w-32 flex-1"
              onChange={(event) => onChange({ ...target, service: event.target.value.trim() })}
            />
            <datalist id={`${id}-services`}>
              {services.map(({ name }) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </>
        )}
        {props.alone ? null : (
          <RemoveButton label={`Remove target ${at + 1}`} disabled={disabled} onClick={props.onRemove} />
        )}
      </div>
      {target.service === null ? (
        <ListInput
          control={control}
          items={target.addresses}
          disabled={disabled}
          placeholder="10.0.0.5:8080"
          onChange={(addresses) => onChange({ ...target, addresses })}
        />
      ) : null}
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p id={`${id}-told`} className="flex items-center gap-1.5 text-xs text-muted">
          {target.service === null ? (
            'Fixed addresses; nobody checks them.'
          ) : known ? (
            <>
              <StateGlyph state={known.health} size={10} />
              {known.routable} of {known.total} can take traffic
            </>
          ) : target.service === '' ? (
            'Choose one of the registry.'
          ) : (
            <>
              <StateGlyph state="unknown" size={10} /> not registered now; it may come later
            </>
          )}
        </p>
        {props.alone ? null : (
          <div className="flex items-center gap-2 text-xs text-muted">
            <label htmlFor={`${id}-weight`}>Weight of target {at + 1}</label>
            <span className="w-20">
              <NumberInput
                control={{ id: `${id}-weight`, 'aria-describedby': `${id}-told`, 'aria-invalid': undefined }}
                value={target.weight}
                unit=""
                max={1_000_000}
                disabled={disabled}
                onChange={(weight) => weight !== null && onChange({ ...target, weight })}
              />
            </span>
            <span className="w-12 text-right text-sm font-medium text-text tabular-nums">
              {formatShare(props.share)}
            </span>
          </div>
        )}
      </div>
      {props.alone ? null : (
        <span aria-hidden className="h-1 overflow-hidden rounded-full bg-line">
          <span className="block h-full bg-accent" style={{ width: `${props.share * 100}%` }} />
        </span>
      )}
    </li>
  )
}

/** How an instance is chosen, and what the service is told. */
export function BalanceForm(props: {
  draft: Draft
  problems: Problems
  disabled: boolean
  onChange: (change: Partial<RouteSpec>) => void
}) {
  const { draft, problems, disabled, onChange } = props
  const { balance, rewrite } = draft
  const wrong = (lines: string[] | undefined) => (lines ? { error: lines.join('. ') } : {})
  return (
    <div className="grid gap-4">
      <Field label="Balance" hint={BALANCE_WORDS[balance.by].words} {...wrong(problems.at.balance)}>
        {(control) => (
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <Select
              id={control.id}
              options={BALANCES.map((by) => ({ value: by, label: BALANCE_WORDS[by].label }))}
              value={balance.by}
              disabled={disabled}
              onChange={(by) =>
                onChange({ balance: { ...balance, by, hashHeader: by === 'hash' ? balance.hashHeader : '' } })
              }
            />
            <Switch
              checked={balance.zoneFirst}
              disabled={disabled}
              onChange={(zoneFirst) => onChange({ balance: { ...balance, zoneFirst } })}
            >
              Own zone first
            </Switch>
          </div>
        )}
      </Field>
      {balance.by === 'hash' ? (
        <Field label="Header to hash" hint="Empty: the client’s address.">
          {(control) => (
            <Input
              {...control}
              value={balance.hashHeader}
              disabled={disabled}
              spellCheck={false}
              autoComplete="off"
              className="font-mono text-xs"
              onChange={(event) => onChange({ balance: { ...balance, hashHeader: event.target.value.toLowerCase() } })}
            />
          )}
        </Field>
      ) : null}
      <Field
        label="Rewrite the path"
        hint={
          rewrite.path === null
            ? 'The service sees the path that the client sent.'
            : `What the route matched is replaced: ${draft.match.path.value} becomes ${rewrite.path}`
        }
        {...wrong(problems.at.rewrite)}
      >
        {(control) => (
          <Input
            {...control}
            value={rewrite.path ?? ''}
            disabled={disabled}
            placeholder="stays as it is"
            spellCheck={false}
            autoComplete="off"
            className="font-mono text-xs"
            onChange={(event) =>
              onChange({ rewrite: { ...rewrite, path: event.target.value === '' ? null : event.target.value } })
            }
          />
        )}
      </Field>
      <Switch
        checked={rewrite.host === 'upstream'}
        disabled={disabled}
        onChange={(own) => onChange({ rewrite: { ...rewrite, host: own ? 'upstream' : 'client' } })}
      >
        Tell the service its own address as Host, not the client’s
      </Switch>
    </div>
  )
}
