'use client'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useMemo, useState } from 'react'
import { BUILT_IN_MIDDLEWARE } from '@/core/gateway/catalog'
import type { Route, RouteSpec } from '@/core/gateway/route'
import { Section } from '../../services/section'
import { useMay } from '../../shell/session'
import { useTRPC } from '../../trpc'
import { Button } from '../../ui/button'
import { formatRate } from '../../ui/figure'
import { Field, Input } from '../../ui/input'
import { StateGlyph } from '../../ui/state'
import { Switch } from '../../ui/switch'
import { type Draft, draftOf, newRoute, specOf } from '../draft'
import { placeAmong } from '../order'
import { type Problems, problemsOf, sorted } from '../problems'
import { routeDiff } from '../route-diff'
import { RouteDiffView } from '../route-diff-view'
import type { GatewayNow } from '../use-gateway'
import { ChainEditor, newKey } from './chain-editor'
import { Conflict } from './conflict'
import { MatchForm } from './match-form'
import { SaveDialog } from './save-dialog'
import { BalanceForm, TargetsForm } from './targets-form'

/** A route while it is written: every part with what is wrong about it, and what saving would change. `id` null: a new one. */
export function RouteEditor({ id, service, gateway }: { id: string | null; service: string; gateway: GatewayNow }) {
  const trpc = useTRPC()
  const router = useRouter()
  const { may, why } = useMay('operator')
  const catalog = useQuery(trpc.gateway.middleware.catalog.queryOptions({ data: {} })).data?.middleware
  const policies = useQuery(trpc.policies.list.queryOptions({ data: {} })).data?.policies
  const view = gateway.routes.find(({ route }) => route.id === id)
  const stored = view?.route ?? null
  const [edited, setEdited] = useState<Draft | null>(null)
  const [saving, setSaving] = useState(false)
  const [refused, setRefused] = useState<{ spec: string; lines: string[] } | null>(null)
  const draft = useMemo(
    () => edited ?? draftOf(stored ?? newRoute(service), newKey),
    // What is stored is taken over while nothing has been edited.
    [edited, stored, service],
  )
  const spec = useMemo(() => specOf(draft), [draft])
  const known = catalog ?? BUILT_IN_MIDDLEWARE
  const others = useMemo(
    () => gateway.routes.flatMap(({ route }) => (route.id === draft.id ? [] : [route])),
    [gateway.routes, draft.id],
  )
  const taken = id === null && gateway.routes.some(({ route }) => route.id === draft.id)
  const text = JSON.stringify(spec)
  const problems = useMemo(() => {
    const found = problemsOf(
      spec,
      others,
      known.filter(({ from }) => from !== undefined),
    )
    if (taken) add(found, sorted([`id: there is a route "${spec.id}" already; change that one, or choose another`]))
    // What the control plane alone knows stands beside the form until it is changed.
    if (found.count === 0 && refused?.spec === text) add(found, sorted(refused.lines))
    return found
  }, [spec, others, known, taken, refused, text])
  const changed = edited !== null && routeDiff(stored, spec).length > 0
  const raced = edited !== null && edited.base !== (stored?.revision ?? 0) && id !== null
  const change = (part: Partial<RouteSpec>) => setEdited({ ...draft, ...(part as Partial<Draft>) })
  const readyToSave = (changed || id === null) && !raced && problems.count === 0

  return (
    <div className="grid gap-5">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="truncate text-xl font-semibold">{id === null ? 'Add a route' : `Change ${id}`}</h1>
          <p className="text-sm text-muted">
            {id === null
              ? 'Nothing is stored before it is saved.'
              : stored
                ? `Revision ${stored.revision}. Saved changes are with the workers within milliseconds; no request is dropped.`
                : 'It is not there (any more).'}
          </p>
        </div>
        {may ? (
          <div className="flex flex-wrap items-center gap-2">
            {changed && id !== null ? (
              <Button variant="quiet" onClick={() => setEdited(null)}>
                Discard
              </Button>
            ) : null}
            <Button variant="primary" disabled={!readyToSave} onClick={() => setSaving(true)}>
              Preview and save
            </Button>
          </div>
        ) : (
          <p className="text-xs text-muted">Looking only. {why}</p>
        )}
      </header>
      {raced ? (
        <Conflict
          mine={spec}
          now={stored}
          onTheirs={() => (stored ? setEdited(null) : router.push('/gateway'))}
          onMine={() => setEdited({ ...draft, base: stored?.revision ?? 0 })}
        />
      ) : null}
      <Standing problems={problems} changed={changed || id === null} />
      <div className="grid grid-cols-1 items-start gap-x-8 gap-y-6 xl:grid-cols-2">
        <div className="grid min-w-0 grid-cols-1 gap-6">
          <Section title="Route">
            <div className="grid gap-3">
              {id === null ? (
                <Field
                  label="Id"
                  hint='Small letters, digits and "-". It stays.'
                  {...(problems.at.id && draft.id !== '' ? { error: problems.at.id.join('. ') } : {})}
                >
                  {(control) => (
                    <Input
                      {...control}
                      value={draft.id}
                      maxLength={64}
                      disabled={!may}
                      spellCheck={false}
                      autoComplete="off"
                      placeholder="orders-api"
                      className="font-mono text-xs"
                      onChange={(event) => change({ id: event.target.value.toLowerCase() })}
                    />
                  )}
                </Field>
              ) : null}
              <Field label="Description">
                {(control) => (
                  <Input
                    {...control}
                    value={draft.description}
                    maxLength={256}
                    disabled={!may}
                    autoComplete="off"
                    onChange={(event) => change({ description: event.target.value })}
                  />
                )}
              </Field>
              <Switch checked={draft.enabled} disabled={!may} onChange={(enabled) => change({ enabled })}>
                Enabled
              </Switch>
            </div>
          </Section>
          <Section title="Which requests it takes">
            <MatchForm
              draft={draft}
              problems={problems}
              place={placeAmong(spec, others)}
              disabled={!may}
              onChange={change}
            />
          </Section>
          <Section title="Where they go">
            <TargetsForm draft={draft} problems={problems} disabled={!may} onChange={change} />
          </Section>
          <Section title="How they go">
            <BalanceForm draft={draft} problems={problems} disabled={!may} onChange={change} />
          </Section>
        </div>
        <div className="grid min-w-0 grid-cols-1 gap-6">
          <Section title="Chain of middlewares">
            <ChainEditor
              steps={draft.middleware}
              catalog={known}
              policies={policies?.map(({ name }) => name) ?? []}
              problems={problems}
              disabled={!may}
              onChange={(middleware) => setEdited({ ...draft, middleware })}
            />
          </Section>
          {id !== null && changed ? (
            <Section title="What saving changes">
              <RouteDiffView before={stored} after={spec} />
            </Section>
          ) : null}
        </div>
      </div>
      {saving ? (
        <SaveDialog
          spec={spec}
          before={id === null ? null : stored}
          base={draft.base}
          consequence={consequence(view?.observed.ratePerSec ?? 0, stored, gateway.workers.length)}
          onClose={() => setSaving(false)}
          onProblems={(lines) => setRefused({ spec: text, lines })}
          onConflict={() => {
            setSaving(false)
            if (id === null) setRefused({ spec: text, lines: [`id: there is a route "${spec.id}" already`] })
          }}
          onSaved={(route) => {
            setSaving(false)
            setEdited(null)
            router.push(`/gateway?route=${encodeURIComponent(route.id)}`)
          }}
        />
      ) : null}
    </div>
  )
}

function add(to: Problems, more: Problems): void {
  to.count += more.count
  to.whole.push(...more.whole)
  for (const [place, lines] of Object.entries(more.at) as [keyof Problems['at'], string[]][]) {
    to.at[place] = [...(to.at[place] ?? []), ...lines]
  }
  for (const [at, fields] of more.steps.entries()) if (fields) to.steps[at] = fields
}

/** Whether it can be saved, in one line that keeps its height; what is wrong with the whole beneath it. */
function Standing({ problems, changed }: { problems: Problems; changed: boolean }) {
  return (
    <div className="grid gap-1 text-sm" role="status">
      <p className="flex items-center gap-2">
        {problems.count > 0 ? (
          <>
            <StateGlyph state="unhealthy" size={11} />
            {problems.count === 1 ? '1 thing stands' : `${problems.count} things stand`} against it, marked where they
            are.
          </>
        ) : (
          <>
            <StateGlyph state={changed ? 'healthy' : 'unknown'} size={11} />
            <span className={changed ? '' : 'text-muted'}>
              {changed ? 'It can be taken as it is.' : 'Nothing is changed.'}
            </span>
          </>
        )}
      </p>
      {problems.whole.map((line) => (
        <p key={line} className="pl-5 text-unhealthy">
          {line}
        </p>
      ))}
    </div>
  )
}

function consequence(ratePerSec: number, stored: Route | null, workers: number): string {
  const by =
    workers === 0
      ? 'No worker is connected; the first one that comes runs by it'
      : workers === 1
        ? 'The worker runs by it within milliseconds'
        : `All ${workers} workers run by it within milliseconds`
  const now =
    stored === null
      ? ''
      : ratePerSec === 0
        ? ' Nobody uses the route just now.'
        : ` The route takes ${formatRate(ratePerSec)} just now.`
  return `${by}; requests under way end by the chain they began with.${now}`
}
