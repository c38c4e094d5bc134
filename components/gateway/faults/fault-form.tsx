'use client'
import { useQueryStates } from 'nuqs'
import { useId, useState } from 'react'
import { useEdges, useServices } from '../../live'
import { NumberInput } from '../../policies/setting'
import { Button } from '../../ui/button'
import { ConfirmDialog } from '../../ui/confirm-dialog'
import { formatRate } from '../../ui/figure'
import { Field, Input } from '../../ui/input'
import { Segmented } from '../../ui/segmented'
import { Select } from '../../ui/select'
import { useGatewayActs } from '../acts'
import type { GatewayNow } from '../use-gateway'
import { faultDoes, faultOn } from '../words'
import { DURATIONS, draftFrom, type FaultDraft, faultSearch, targetOf, wrongFault } from './fault-draft'

/** A fault while it is described: on what, what it does, to how many, until when. */
export function FaultForm({ gateway }: { gateway: GatewayNow }) {
  const [search, setSearch] = useQueryStates(faultSearch)
  const acts = useGatewayActs()
  const services = useServices()
  const edges = useEdges()
  const id = useId()
  const [draft, setDraft] = useState<FaultDraft>(() => draftFrom(search))
  const [tried, setTried] = useState(false)
  const [asking, setAsking] = useState(false)
  const set = (change: Partial<FaultDraft>) => {
    const next = { ...draft, ...change }
    setDraft(next)
    const target = { route: '', caller: '', callee: '', ...targetOf(next) }
    void setSearch({ route: target.route, caller: target.caller, callee: target.callee })
  }
  const wrong = wrongFault(draft)
  const shown = tried ? wrong : {}
  const names = services.map(({ name }) => name)
  const called = edges.filter((edge) => edge.caller === draft.caller).map(({ callee }) => callee)
  const fault = {
    target: targetOf(draft),
    share: draft.sharePercent / 100,
    delayMs: draft.delayMs,
    abortStatus: draft.abortStatus,
  }
  const word = DURATIONS.find(({ value }) => value === String(draft.forMs))?.label ?? ''
  return (
    <>
      <form
        noValidate
        className="grid max-w-3xl gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (Object.keys(wrong).length === 0) setAsking(true)
        }}
      >
        <div className="grid gap-2">
          <Segmented
            label="What it acts on"
            options={[
              { value: 'route', label: 'A route of the gateway' },
              { value: 'calls', label: 'Calls of one service to another' },
            ]}
            value={draft.on}
            onChange={(on) => set({ on })}
            className="justify-self-start"
          />
          {draft.on === 'route' ? (
            <div className="grid justify-items-start gap-1.5">
              <label htmlFor={`${id}-route`} className="text-sm font-medium">
                Route
              </label>
              <Select
                id={`${id}-route`}
                options={[
                  { value: '', label: gateway.routes.length === 0 ? 'There is none' : 'Choose one' },
                  ...gateway.routes.map(({ route }) => ({ value: route.id, label: route.id })),
                ]}
                value={draft.route}
                onChange={(route) => set({ route })}
                className="w-64"
              />
            </div>
          ) : (
            <div className="flex flex-wrap gap-3">
              <Field label="Calls of" className="w-64">
                {(control) => (
                  <Input
                    {...control}
                    list={`${id}-callers`}
                    value={draft.caller}
                    spellCheck={false}
                    autoComplete="off"
                    placeholder="the service that calls"
                    onChange={(event) => set({ caller: event.target.value.trim() })}
                  />
                )}
              </Field>
              <Field label="to" className="w-64">
                {(control) => (
                  <Input
                    {...control}
                    list={`${id}-callees`}
                    value={draft.callee}
                    spellCheck={false}
                    autoComplete="off"
                    placeholder="the service that is called"
                    onChange={(event) => set({ callee: event.target.value.trim() })}
                  />
                )}
              </Field>
              <Names id={`${id}-callers`} names={names} />
              <Names id={`${id}-callees`} names={called.length > 0 ? [...new Set(called)] : names} />
            </div>
          )}
          <Wrong>{shown.target}</Wrong>
        </div>
        <div className="grid grid-cols-1 gap-x-6 gap-y-3 sm:grid-cols-2">
          <Field
            label="Delay"
            hint="Before it is sent. Counted as time on the network."
            {...(shown.delayMs ? { error: shown.delayMs } : {})}
          >
            {(control) => (
              <NumberInput
                control={{ ...control, 'aria-describedby': control['aria-describedby'] ?? '' }}
                value={draft.delayMs}
                unit="ms"
                max={60_000}
                step={10}
                disabled={false}
                onChange={(delayMs) => set({ delayMs: delayMs ?? 0 })}
              />
            )}
          </Field>
          <Field
            label="Answer with"
            hint="In the service’s place, which hears nothing of it. Empty: the service answers."
            {...(shown.abortStatus ? { error: shown.abortStatus } : {})}
          >
            {(control) => (
              <NumberInput
                control={{ ...control, 'aria-describedby': control['aria-describedby'] ?? '' }}
                value={draft.abortStatus}
                unit="status"
                min={400}
                max={599}
                step={1}
                empty="none"
                disabled={false}
                onChange={(abortStatus) => set({ abortStatus })}
              />
            )}
          </Field>
          <Field label="Share of requests" hint="Drawn anew for each." {...(shown.share ? { error: shown.share } : {})}>
            {(control) => (
              <NumberInput
                control={{ ...control, 'aria-describedby': control['aria-describedby'] ?? '' }}
                value={draft.sharePercent}
                unit="%"
                min={1}
                max={100}
                step={1}
                disabled={false}
                onChange={(sharePercent) => set({ sharePercent: sharePercent ?? 0 })}
              />
            )}
          </Field>
          <div className="grid content-start justify-items-start gap-1.5">
            <label htmlFor={`${id}-for`} className="text-sm font-medium">
              For how long
            </label>
            <Select
              id={`${id}-for`}
              options={DURATIONS}
              value={String(draft.forMs) as (typeof DURATIONS)[number]['value']}
              onChange={(value) => set({ forMs: Number(value) })}
              className="w-40"
            />
            <p className="text-xs text-muted">It ends by itself, also when the control plane is away.</p>
          </div>
        </div>
        <Wrong>{shown.does}</Wrong>
        <div>
          <Button type="submit" variant="danger">
            Make the fault
          </Button>
        </div>
      </form>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Make a fault on ${faultOn(fault)}?`}
        action="Make the fault"
        danger
        onConfirm={({ reason }) => acts.startFault({ ...fault, reason, forMs: draft.forMs })}
      >
        <p>
          {faultDoes(fault).replace(/^./, (letter) => letter.toUpperCase())}, for {word}. {reach(draft, gateway, edges)}
        </p>
        <p>Everybody who is signed in sees it on every page until it ends, and can end it.</p>
      </ConfirmDialog>
    </>
  )
}

/** Whom it meets. */
function reach(draft: FaultDraft, gateway: GatewayNow, edges: ReturnType<typeof useEdges>): string {
  if (draft.on === 'route') {
    const rate = gateway.routes.find(({ route }) => route.id === draft.route)?.observed.ratePerSec ?? 0
    return rate === 0 ? 'Nobody uses the route just now.' : `The route takes ${formatRate(rate)} just now.`
  }
  const rate = edges
    .filter((edge) => edge.caller === draft.caller && edge.callee === draft.callee)
    .reduce((sum, edge) => sum + edge.ratePerSec, 0)
  return rate === 0 ? 'There are no such calls just now.' : `There are ${formatRate(rate)} such calls just now.`
}

function Names({ id, names }: { id: string; names: readonly string[] }) {
  return (
    <datalist id={id}>
      {names.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  )
}

function Wrong({ children }: { children: string | undefined }) {
  return children ? (
    <p role="alert" className="text-xs text-unhealthy">
      {children}
    </p>
  ) : null
}
