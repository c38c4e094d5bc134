import type { RunView } from '@/core/saga/view'
import { cn } from '../ui/cn'
import { Glyph } from './glyph'
import type { Shape, Tone } from './glyph-shapes'
import { quietOf } from './words'

/** Whether anything still moves. Paused is not yet quiet: what is under way finishes first. */
export function QuietLight({ run }: { run: RunView }) {
  const quiet = quietOf(run)
  const n = run.inFlight
  const lights: Record<typeof quiet, { shape: Shape; tone: Tone; word: string; note: string; ground: string }> = {
    going: {
      shape: n > 0 ? 'busy' : 'ring',
      tone: n > 0 ? 'healthy' : 'muted',
      word: 'Going on',
      note: n > 0 ? `${n} in flight` : 'nothing in flight',
      ground: 'bg-sunken',
    },
    pausing: {
      shape: 'triangle',
      tone: 'warning',
      word: 'Pausing',
      note: n > 0 ? `${n} still in flight` : 'a child saga goes on',
      ground: 'bg-warning-soft',
    },
    quiet: { shape: 'hexagon', tone: 'operator', word: 'Quiet', note: 'nothing in flight', ground: 'bg-operator-soft' },
    stuck: {
      shape: 'diamond',
      tone: 'unhealthy',
      word: 'Stands still',
      note: 'nothing in flight',
      ground: 'bg-unhealthy-soft',
    },
    over: { shape: 'dash', tone: 'faint', word: 'Over', note: 'nothing moves', ground: 'bg-sunken' },
  }
  const light = lights[quiet]
  return (
    <span
      role="status"
      aria-label="In flight"
      className={cn('inline-flex h-8 items-center gap-2 rounded-md px-2.5 text-sm', light.ground)}
    >
      <Glyph shape={light.shape} tone={light.tone} size={14} />
      <span className="font-medium">{light.word}</span>
      <span className="text-muted">{light.note}</span>
    </span>
  )
}
