import Link from 'next/link'
import { memo, type ReactNode } from 'react'
import type { RouteView } from '@/core/gateway/view'
import { cn } from '../ui/cn'
import { formatRate, formatShare } from '../ui/figure'
import { inPlace } from '../ui/in-place'
import { StateGlyph, StateLabel } from '../ui/state'
import { ChainChips } from './chain-chips'
import { ClassBar } from './class-bar'
import { errorShare, methodsWord, placeWord, routeState, targetsWord } from './words'

/** What is configured on the left, what is seen on the right; one under the other where there is less room. */
export const ROUTE_COLUMNS =
  '@5xl:grid-cols-[minmax(0,13rem)_minmax(0,1.3fr)_minmax(0,1fr)_4.5rem_7rem_5rem_5rem] @2xl:grid-cols-[minmax(0,11rem)_minmax(0,1fr)_4.5rem_6rem]'

export const RouteRow = memo(function RouteRow(props: {
  view: RouteView
  /** in the order of matching; null: disabled */
  place: number | null
  workers: number
  faulty: boolean
  href: string
  open: boolean
  onOpen: (id: string) => void
}) {
  const { route, observed } = props.view
  const { state, word } = routeState(props.view, props.workers)
  const errors = errorShare(observed)
  const refused = Object.values(observed.refusals).reduce((sum, n) => sum + n, 0)
  const seen = route.enabled && observed.ageMs !== null
  return (
    <li
      className={cn(
        'relative grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 gap-y-1.5 border-b border-line px-4 py-2.5 text-sm transition-colors duration-150 hover:bg-sunken',
        ROUTE_COLUMNS,
        props.open && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <div className="min-w-0">
        <div className="flex min-w-0 items-baseline gap-2">
          <span className="w-5 shrink-0 text-right text-xs text-faint" title="Place in the order of matching">
            {props.place ?? '–'}
          </span>
          <Link
            href={props.href}
            scroll={false}
            prefetch={false}
            onClick={(event) => inPlace(event, () => props.onOpen(route.id))}
            aria-current={props.open ? 'true' : undefined}
            title={route.description === '' ? route.id : `${route.id}: ${route.description}`}
            className="min-w-0 truncate font-semibold after:absolute after:inset-0 hover:underline"
          >
            {route.id}
          </Link>
        </div>
        <div className="flex flex-wrap gap-x-3 pl-7 text-xs">
          <StateLabel state={state} word={word} />
          {props.faulty ? (
            <span className="inline-flex items-center gap-1 text-operator">
              <StateGlyph state="operator" size={10} /> fault
            </span>
          ) : null}
        </div>
      </div>
      <div className="col-span-2 min-w-0 pl-7 @2xl:col-span-1 @2xl:pl-0">
        <p className="truncate" title={`${methodsWord(route.match)} ${placeWord(route.match)}`}>
          <span className="text-xs text-muted">
            {route.match.methods.length === 0 ? 'any' : route.match.methods.join(' ')}{' '}
          </span>
          <span className="mono">{placeWord(route.match)}</span>
        </p>
        <p className="truncate text-xs text-muted" title={targetsWord(route.targets)}>
          → {targetsWord(route.targets)}
        </p>
        <div className="mt-1 @5xl:hidden">
          <ChainChips chain={route.middleware} max={4} />
        </div>
      </div>
      <div className="hidden min-w-0 @5xl:block">
        <ChainChips chain={route.middleware} />
      </div>
      <Seen label="Rate" className="@max-2xl:row-start-1 @max-2xl:col-start-2">
        <span className={cn(observed.requests === 0 && 'text-muted')}>
          {!seen ? '–' : observed.requests === 0 ? 'no traffic' : formatRate(observed.ratePerSec)}
        </span>
        <span className="block text-xs text-muted">
          {seen && observed.inFlight > 0 ? `${observed.inFlight} in flight` : ' '}
        </span>
      </Seen>
      <Seen label="Errors" className="@max-2xl:hidden">
        <span
          className={cn(
            'block pb-1.5',
            errors === null ? 'text-muted' : errors >= 0.05 && 'font-medium text-unhealthy',
          )}
        >
          {!seen || errors === null ? '–' : formatShare(errors)}
        </span>
        {seen && errors !== null ? <ClassBar byClass={observed.byClass} /> : null}
      </Seen>
      <Seen label="Refused" className="hidden @5xl:block">
        <span className={cn(refused === 0 && 'text-muted')}>{!seen ? '–' : refused === 0 ? 'none' : refused}</span>
      </Seen>
      <Seen label="Routable" className="hidden @5xl:block">
        <span className={cn(observed.routable === 0 && 'font-medium text-unhealthy')}>
          {observed.routable}
          <span className="font-normal text-muted"> of {observed.instances}</span>
        </span>
      </Seen>
    </li>
  )
})

function Seen(props: { label: string; className?: string; children: ReactNode }) {
  return (
    <div className={cn('min-w-0 text-right tabular-nums', props.className)}>
      <span className="sr-only">{props.label}: </span>
      {props.children}
    </div>
  )
}
