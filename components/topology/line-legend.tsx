import type { ReactNode } from 'react'

/** What lines and dots mean, beside the legend of states. */
export function LineLegend() {
  return (
    <dl className="mt-3 grid gap-2 border-t border-line pt-3 text-sm">
      <Row term={<Dots at={[6, 14, 22, 30, 38, 46]} />} text="dots close together: many calls; far apart: few" />
      <Row term={<Dots at={[8, 30, 52]} />} text="dots move fast when answers are quick (median)" />
      <Row
        term={
          <svg width={60} height={12} aria-hidden>
            <line x1={0} x2={60} y1={6} y2={6} stroke="var(--unhealthy)" strokeWidth={1.5} />
            <path d="M30 1.5 34.5 6 30 10.5 25.5 6Z" fill="var(--unhealthy)" />
          </svg>
        }
        text="diamonds: calls that failed; the line is amber from 1% errors, rose from 5%"
      />
      <Row
        term={
          <svg width={60} height={12} aria-hidden>
            <line x1={0} x2={60} y1={6} y2={6} stroke="var(--line-strong)" strokeDasharray="3 5" />
          </svg>
        }
        text="no traffic in the last 30 s"
      />
      <Row term="≈ 12/s" text="partial: some callers have stopped reporting" />
      <div className="text-xs text-faint">
        Keys: arrows move or step from node to node, + and - zoom, 0 shows all, Enter opens the panel and once more the
        page, Esc closes it.
      </div>
    </dl>
  )
}

function Row({ term, text }: { term: ReactNode; text: string }) {
  return (
    <div className="grid grid-cols-[8rem_1fr] items-center gap-3">
      <dt>{term}</dt>
      <dd className="text-muted">{text}</dd>
    </div>
  )
}

function Dots({ at }: { at: number[] }) {
  return (
    <svg width={60} height={12} aria-hidden>
      <line x1={0} x2={60} y1={6} y2={6} stroke="var(--line-strong)" strokeWidth={1.5} />
      {at.map((x) => (
        <circle key={x} cx={x} cy={6} r={2.4} fill="var(--muted)" />
      ))}
    </svg>
  )
}
