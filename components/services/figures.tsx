import { cn } from '../ui/cn'
import { formatAge, formatMs, formatRate, formatShare } from '../ui/figure'
import type { Traffic } from './traffic'

/** Above this share of errors a figure is shown in the colour of what fails. */
const ERRORS_BAD = 0.05
const ERRORS_SOME = 0.01

export function errorTone(share: number | null): string {
  if (share === null || share < ERRORS_SOME) return ''
  return share < ERRORS_BAD ? 'text-warning' : 'text-unhealthy'
}

type Of = Pick<Traffic, 'ratePerSec' | 'errorShare' | 'p99Ms' | 'count' | 'quality' | 'ageMs'>

const NOT_ALL = 'some callers have stopped reporting'

/** Where figures come from, for those who ask. */
export function provenance(traffic: Of): string {
  if (traffic.quality === 'none') return 'no calls in the last window'
  const age = `${formatAge(traffic.ageMs)} old`
  return traffic.quality === 'partial' ? `${age}, partly measured` : `${age}, measured`
}

export function Rate({ traffic }: { traffic: Of }) {
  if (traffic.count === 0) return <span className="text-faint">no traffic</span>
  return (
    <span title={provenance(traffic)}>
      {traffic.quality === 'partial' ? <Partial /> : null}
      {formatRate(traffic.ratePerSec)}
    </span>
  )
}

/** The figure is of some callers only. */
function Partial() {
  return (
    <span className="text-warning">
      <span aria-hidden>~</span>
      <span className="sr-only">{NOT_ALL}: </span>
    </span>
  )
}

export function Errors({ traffic }: { traffic: Of }) {
  if (traffic.errorShare === null) return <None />
  return <span className={cn(errorTone(traffic.errorShare))}>{formatShare(traffic.errorShare)}</span>
}

export function P99({ traffic }: { traffic: Of }) {
  return traffic.p99Ms === null ? <None /> : <span>{formatMs(traffic.p99Ms)}</span>
}

/** Nothing measured, which is not zero. */
export function None() {
  return (
    <span className="text-faint">
      <span aria-hidden>–</span>
      <span className="sr-only">not measured</span>
    </span>
  )
}
