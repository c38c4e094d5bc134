import { HEALTH_STATES, type HealthState } from '@/core/instance'
import { StateGlyph, stateColour, stateWord } from '../ui/state'

/** Instances by state: a small bar in proportion, and the counts beside it with the shapes of their states. */
export function InstanceBar({ counts, total }: { counts: Record<HealthState, number>; total: number }) {
  const present = HEALTH_STATES.filter((state) => counts[state] > 0)
  if (total === 0) return <span className="text-xs text-faint">no instances</span>
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span aria-hidden className="flex h-1.5 w-16 shrink-0 gap-px overflow-hidden rounded-full">
        {present.map((state) => (
          <span
            key={state}
            className={state === 'unknown' ? 'hatched' : undefined}
            style={{
              flexGrow: counts[state],
              minWidth: 3,
              ...(state === 'unknown' ? {} : { background: stateColour(state) }),
            }}
          />
        ))}
      </span>
      <span className="flex min-w-0 gap-2">
        {present.map((state) => (
          <span
            key={state}
            className="inline-flex items-center gap-1 text-xs"
            title={`${counts[state]} ${stateWord(state)}`}
          >
            <StateGlyph state={state} size={9} />
            {counts[state]}
            <span className="sr-only">{stateWord(state)}</span>
          </span>
        ))}
      </span>
    </span>
  )
}
