import type { HealthState } from '@/core/instance'
import { cn } from './cn'

/** The language of states, the same everywhere: shape, word and colour. */
export type State = HealthState | 'closed' | 'open' | 'half-open' | 'late' | 'operator' | 'undo' | 'gone'

type Shape = 'dot' | 'triangle' | 'diamond' | 'ring' | 'hexagon' | 'arrow'
type Tone = 'healthy' | 'warning' | 'unhealthy' | 'unknown' | 'operator' | 'undo'

const STATES: Record<State, { shape: Shape; tone: Tone; word: string }> = {
  healthy: { shape: 'dot', tone: 'healthy', word: 'healthy' },
  closed: { shape: 'dot', tone: 'healthy', word: 'closed' },
  warning: { shape: 'triangle', tone: 'warning', word: 'warning' },
  late: { shape: 'triangle', tone: 'warning', word: 'late' },
  'half-open': { shape: 'triangle', tone: 'warning', word: 'half-open' },
  unhealthy: { shape: 'diamond', tone: 'unhealthy', word: 'down' },
  open: { shape: 'diamond', tone: 'unhealthy', word: 'open' },
  unknown: { shape: 'ring', tone: 'unknown', word: 'unknown' },
  gone: { shape: 'ring', tone: 'unknown', word: 'gone' },
  draining: { shape: 'hexagon', tone: 'operator', word: 'draining' },
  maintenance: { shape: 'hexagon', tone: 'operator', word: 'maintenance' },
  operator: { shape: 'hexagon', tone: 'operator', word: 'set by an operator' },
  undo: { shape: 'arrow', tone: 'undo', word: 'undone' },
}

const COLOUR: Record<Tone, string> = {
  healthy: 'text-healthy',
  warning: 'text-warning',
  unhealthy: 'text-unhealthy',
  unknown: 'text-unknown',
  operator: 'text-operator',
  undo: 'text-undo',
}

export function stateWord(state: State): string {
  return STATES[state].word
}

/** CSS colour of a state, for drawings. */
export function stateColour(state: State): string {
  return `var(--${STATES[state].tone})`
}

/** SVG path of a state's shape in a box of 12. */
export function statePath(state: State): { d: string; filled: boolean } {
  const d: Record<Shape, string> = {
    dot: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9Z',
    triangle: 'M6 1 11.4 10.6H.6Z',
    diamond: 'M6 .4 11.6 6 6 11.6.4 6Z',
    ring: 'M6 2a4 4 0 1 1 0 8a4 4 0 0 1 0-8Z',
    hexagon: 'M6 .6 10.8 3.3v5.4L6 11.4 1.2 8.7V3.3Z',
    arrow: 'M5 2 2 5l3 3M2 5h5a3 3 0 0 1 0 6H5',
  }
  const { shape } = STATES[state]
  return { d: d[shape], filled: shape !== 'ring' && shape !== 'arrow' }
}

/** The shape alone; with `label` it is read out, without it stands beside a word that is. */
export function StateGlyph({
  state,
  size = 12,
  label,
  className,
}: {
  state: State
  size?: number
  label?: string
  className?: string
}) {
  const { d, filled } = statePath(state)
  return (
    <svg
      viewBox="0 0 12 12"
      width={size}
      height={size}
      className={cn('shrink-0', COLOUR[STATES[state].tone], className)}
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <path
        d={d}
        fill={filled ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth={filled ? 0 : 1.8}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

/** Shape and word. `word` overrides the usual one. */
export function StateLabel({ state, word, className }: { state: State; word?: string; className?: string }) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 whitespace-nowrap normal-nums',
        COLOUR[STATES[state].tone],
        className,
      )}
    >
      <StateGlyph state={state} />
      <span>{word ?? STATES[state].word}</span>
    </span>
  )
}

const LEGEND: { state: State; also?: string; meaning: string }[] = [
  { state: 'healthy', meaning: 'takes traffic' },
  {
    state: 'warning',
    also: 'late',
    meaning: 'takes traffic, but something is off: a late heartbeat, a check that warns',
  },
  { state: 'unhealthy', also: 'failed', meaning: 'silent for its whole TTL, or its check fails; gets no traffic' },
  { state: 'unknown', meaning: 'not checked yet, or our own sight is in doubt' },
  { state: 'maintenance', also: 'draining', meaning: 'an operator decided so; gets no new traffic until it is lifted' },
]

export function StateLegend() {
  return (
    <dl className="grid gap-2.5 text-sm">
      {LEGEND.map(({ state, also, meaning }) => (
        <div key={state} className="grid grid-cols-[7.5rem_1fr] gap-3">
          <dt>
            <StateLabel state={state} />
            {also ? <span className="block pl-4.5 text-xs text-muted">or {also}</span> : null}
          </dt>
          <dd className="text-muted">{meaning}</dd>
        </div>
      ))}
      <div className="grid grid-cols-[7.5rem_1fr] gap-3 border-t border-line pt-2.5">
        <dt className="flex items-center gap-1.5">
          <span aria-hidden className="hatched size-3 shrink-0 rounded-xs border border-line-strong" />
          hatched
        </dt>
        <dd className="text-muted">too old to be taken for the present</dd>
      </div>
    </dl>
  )
}
