'use client'

import type { CutQuality } from '@/core/latency'
import type { LatencySummary, Percentiles, QualitySummary } from '@/core/latency-view'
import { formatCount, formatMs, formatShare } from '../ui/figure'
import { Table, Td, Th, Tr } from '../ui/table'
import { Change } from './change'
import { PARTS, QUALITY_WORDS } from './parts'
import { totalOf } from './steps'

/** One row a part: what it takes on the mean, its share, its percentiles, and how that was before. */
export function Breakdown(props: {
  quality: CutQuality
  summary: LatencySummary
  before: LatencySummary | null
  what: 'requests' | 'attempts'
}) {
  const of = props.summary.qualities[props.quality]
  const before = props.before?.qualities[props.quality] ?? null
  if (!of) return null
  const { label, about } = QUALITY_WORDS[props.quality]
  const total = totalOf(of.means)
  return (
    <div className="grid min-w-0 gap-2">
      <p className="text-xs text-muted">
        <span className="font-medium text-text">{label}</span>: {about}. {formatShare(of.count / props.summary.count)}{' '}
        of {formatCount(props.summary.count)} {props.what}.
        {of.clamped > 0
          ? ` In ${formatShare(of.clamped / of.count)} a service claimed more time than had passed, and was cut off there.`
          : ''}
      </p>
      <div aria-hidden className="flex h-2.5 overflow-hidden rounded-sm bg-line">
        {PARTS.map((part) => (
          <i
            key={part.key}
            style={{ width: `${(100 * of.means[part.key]) / (total || 1)}%`, background: part.colour }}
          />
        ))}
      </div>
      <Table label="Parts of the mean request" className="[&_td]:px-2 [&_th]:px-2">
        <thead>
          <tr>
            <Th>Part</Th>
            <Th className="text-right">Mean</Th>
            {before ? <Th className="text-right">Before</Th> : null}
            <Th className="text-right">Share</Th>
            {of.percentiles ? (
              <>
                {before ? null : <Th className="text-right">p50</Th>}
                <Th className="text-right">p95</Th>
                <Th className="text-right">p99</Th>
              </>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {PARTS.map((part) => (
            <Tr key={part.key} title={part.about}>
              <Td>
                <span className="flex items-center gap-2">
                  <i aria-hidden className="size-2 shrink-0 rounded-[2px]" style={{ background: part.colour }} />
                  {part.label}
                </span>
              </Td>
              <Td className="text-right font-medium">{formatMs(of.means[part.key])}</Td>
              {before ? (
                <Td className="text-right">
                  <Change from={before.means[part.key]} to={of.means[part.key]} />
                </Td>
              ) : null}
              <Td className="text-right text-muted">{formatShare(total > 0 ? of.means[part.key] / total : 0)}</Td>
              <PartPercentiles values={of.percentiles?.[part.key]} median={before === null} />
            </Tr>
          ))}
          <TotalRow of={of} before={before} percentiles={props.summary.percentiles} />
        </tbody>
      </Table>
      {of.percentiles ? null : (
        <p className="text-xs text-faint">Of attempts at one instance only the means of parts are kept.</p>
      )}
    </div>
  )
}

/** `median`: left out where the comparison needs its room; the totals above have it. */
function PartPercentiles({ values, median }: { values: Percentiles | undefined; median: boolean }) {
  if (!values) return null
  return [...(median ? [values[0]] : []), values[2], values[3]].map((ms, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a percentile is its place
    <Td key={i} className="text-right text-muted">
      {formatMs(ms)}
    </Td>
  ))
}

function TotalRow(props: { of: QualitySummary; before: QualitySummary | null; percentiles: Percentiles }) {
  const { of, before } = props
  const total = totalOf(of.means)
  return (
    <Tr title="Percentiles do not add up: the slowest of one part are seldom the slowest of another">
      <Td className="font-medium">Total</Td>
      <Td className="text-right font-medium">{formatMs(total)}</Td>
      {before ? (
        <Td className="text-right">
          <Change from={totalOf(before.means)} to={total} />
        </Td>
      ) : null}
      <Td className="text-right text-muted">100%</Td>
      {of.percentiles ? <PartPercentiles values={props.percentiles} median={before === null} /> : null}
    </Tr>
  )
}
