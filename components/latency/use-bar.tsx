import { cn } from '../ui/cn'
import { StateGlyph, stateColour } from '../ui/state'
import { formatUse, loadWord } from './load'

/** How full something is: a bar up to its limit, the share, and a shape with a word where it is not at ease. */
export function UseBar({ utilisation, className }: { utilisation: number | null; className?: string }) {
  const { state, word } = loadWord(utilisation)
  if (utilisation === null) return <span className={cn('text-faint', className)}>not known</span>
  return (
    <span className={cn('flex items-center gap-2', className)}>
      <span aria-hidden className="relative h-2 w-20 shrink-0 overflow-hidden rounded-[2px] bg-line sm:w-28">
        <i
          className="absolute inset-y-0 left-0 min-w-px"
          style={{ width: `${Math.min(100, utilisation * 100)}%`, background: stateColour(state) }}
        />
      </span>
      <span className="w-12 shrink-0 text-right tabular-nums">{formatUse(utilisation)}</span>
      {state === 'healthy' ? (
        <span className="sr-only">{word}</span>
      ) : (
        <span
          className={cn(
            'inline-flex items-center gap-1 text-xs',
            state === 'unhealthy' ? 'text-unhealthy' : 'text-warning',
          )}
        >
          <StateGlyph state={state} size={10} /> {word}
        </span>
      )}
    </span>
  )
}

/** The sign of a figure that is not measured or declared, and why. */
export function Estimated({ why }: { why: string }) {
  return (
    <span title={why} className="text-faint">
      <span aria-hidden>≈</span>
      <span className="sr-only">{`estimated, ${why}: `}</span>
    </span>
  )
}
