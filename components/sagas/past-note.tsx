import type { RunView } from '@/core/saga/view'
import { Button } from '../ui/button'
import { MarkLabel } from './glyph'
import { RUN_MARKS } from './words'

/** Says that what is below is not the present, and what the run was at. */
export function PastNote({ past, head, onNow }: { past: RunView; head: number; onNow: () => void }) {
  return (
    <p className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-accent-soft px-4 py-1 text-sm">
      <span className="font-medium">As it was</span>
      <MarkLabel mark={RUN_MARKS[past.status]} />
      <span className="text-xs text-muted tabular-nums">
        {new Date(past.updatedAt).toISOString().slice(11, 23)} UTC, after entry {past.seq} of {head}. Faint: what came
        later.
      </span>
      <Button size="sm" variant="quiet" className="ml-auto" onClick={onNow}>
        Back to now
      </Button>
    </p>
  )
}
