import { ArrowDown, ArrowUp } from 'lucide-react'
import { formatMs } from '../ui/figure'

/** Changes smaller than this share are noise of the sketch and of the moment. */
const NOTED = 0.02

/** A duration of before, and whether it has grown since: by an arrow and a word, not by colour alone. */
export function Change({ from, to }: { from: number | null; to: number | null }) {
  if (from === null) return <span className="text-faint">no traffic</span>
  const share = to === null || from === 0 ? 0 : to / from - 1
  const noted = Math.abs(share) >= NOTED && Math.abs((to ?? 0) - from) >= 0.01
  const Arrow = share > 0 ? ArrowUp : ArrowDown
  return (
    <span className="inline-flex items-center justify-end gap-1 text-muted">
      {formatMs(from)}
      {noted ? (
        <span className={share > 0 ? 'inline-flex items-center text-warning' : 'inline-flex items-center text-healthy'}>
          <Arrow className="size-3" aria-hidden />
          <span className="sr-only">{share > 0 ? 'slower by ' : 'faster by '}</span>
          {Math.abs(share) >= 9.995 ? `×${Math.round(share + 1)}` : `${Math.round(Math.abs(share) * 100)}%`}
        </span>
      ) : null}
    </span>
  )
}
