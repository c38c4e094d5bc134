import type { LatencyCut } from '@/core/latency'
import { PARTS } from '../latency/parts'
import { cn } from '../ui/cn'
import { formatMs } from '../ui/figure'

/** What a request's time is made of, as shares of one bar; read out in words. */
export function CutBar({ cut, className }: { cut: LatencyCut; className?: string }) {
  const words = cutWords(cut)
  return (
    <span className={cn('block min-w-0', className)} title={words}>
      <span className="sr-only">{words}</span>
      <span aria-hidden className="flex h-2 overflow-hidden rounded-[2px] bg-line">
        {PARTS.map((part) => (
          <i key={part.key} style={{ flexGrow: cut[part.key], flexBasis: 0, background: part.colour }} />
        ))}
      </span>
    </span>
  )
}

/** `network 302 ms, processing 4.1 ms` */
export function cutWords(cut: LatencyCut): string {
  const parts = PARTS.filter((part) => cut[part.key] > 0)
  return parts.map((part) => `${part.label.toLowerCase()} ${formatMs(cut[part.key])}`).join(', ')
}

/** The same with a line a part: its figure and its share. */
export function CutTable({ cut, label }: { cut: LatencyCut; label: string }) {
  return (
    <div className="grid gap-2">
      <span aria-hidden className="flex h-2.5 overflow-hidden rounded-sm bg-line">
        {PARTS.map((part) => (
          <i key={part.key} style={{ flexGrow: cut[part.key], flexBasis: 0, background: part.colour }} />
        ))}
      </span>
      <ul className="grid text-sm" aria-label={label}>
        {PARTS.map((part) => (
          <li
            key={part.key}
            title={part.about}
            className="grid grid-cols-[0.5rem_minmax(0,1fr)_auto_3.5rem] items-baseline gap-x-2 py-0.5"
          >
            <i aria-hidden className="size-2 rounded-[2px]" style={{ background: part.colour }} />
            <span>{part.label}</span>
            <span className={cut[part.key] > 0 ? 'font-medium' : 'text-muted'}>
              {cut[part.key] > 0 ? formatMs(cut[part.key]) : 'none'}
            </span>
            <span className="text-right text-xs text-muted">
              {cut.totalMs > 0 ? `${Math.round((100 * cut[part.key]) / cut.totalMs)}%` : ''}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
