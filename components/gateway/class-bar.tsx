import { formatCount, formatShare } from '../ui/figure'
import { CLASS_WORDS } from './words'

const COLOURS = ['var(--faint)', 'var(--healthy)', 'var(--undo)', 'var(--warning)', 'var(--unhealthy)'] as const

/** Status classes as shares of one bar; with `words` each is named with its figures. */
export function ClassBar({ byClass, words }: { byClass: readonly number[]; words?: boolean }) {
  const sum = byClass.reduce((total, n) => total + n, 0)
  const told = CLASS_WORDS.flatMap((word, i) => {
    const n = byClass[i] ?? 0
    return n === 0 ? [] : [{ word, n, colour: COLOURS[i] as string }]
  })
  const title = told.map(({ word, n }) => `${word} ${formatShare(n / sum)}`).join(', ')
  return (
    <div className="grid gap-1.5">
      <div className="flex h-1.5 gap-px overflow-hidden rounded-full bg-line" title={title || 'no answers'} aria-hidden>
        {told.map(({ word, n, colour }) => (
          <span key={word} style={{ width: `${(100 * n) / sum}%`, background: colour }} />
        ))}
      </div>
      {words ? (
        <ul className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs text-muted">
          {told.map(({ word, n, colour }) => (
            <li key={word} className="flex items-center gap-1.5">
              <span aria-hidden className="size-2 rounded-xs" style={{ background: colour }} />
              {word} <span className="text-text">{formatCount(n)}</span> {formatShare(n / sum)}
            </li>
          ))}
        </ul>
      ) : (
        <span className="sr-only">{title}</span>
      )}
    </div>
  )
}
