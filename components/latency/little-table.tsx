'use client'

import type { FlowView } from '@/core/latency-view'
import { formatCount, formatMs, formatRate, formatShare } from '../ui/figure'
import { StateLabel } from '../ui/state'
import { Table, Td, Th, Tr } from '../ui/table'
import { missedBy } from './load'

const WORDS = {
  agrees: { state: 'healthy', word: 'agrees' },
  differs: { state: 'warning', word: 'differs' },
  unknown: { state: 'unknown', word: 'too few to tell' },
} as const

/** Each call twice: by Little's law from rate and duration, and counted while under way. */
export function LittleTable({ flows }: { flows: readonly FlowView[] }) {
  const sorted = [...flows].sort((a, b) => b.ratePerSec - a.ratePerSec || a.id.localeCompare(b.id))
  return (
    <Table label="Calls in flight, twice">
      <thead>
        <tr>
          <Th>Calls</Th>
          <Th className="text-right" title="λ: completions a second">
            Rate
          </Th>
          <Th className="text-right" title="R: mean duration">
            Takes
          </Th>
          <Th className="text-right" title="λ × R">
            By the law
          </Th>
          <Th className="text-right" title="the mean over time of how many were under way">
            Counted
          </Th>
          <Th>Verdict</Th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((flow) => (
          <Tr key={flow.id}>
            <Td>
              {flow.caller} → {flow.callee}
              {flow.protocol === 'http' ? null : <span className="text-faint"> {flow.protocol}</span>}
            </Td>
            <Td className="text-right text-muted">{formatRate(flow.ratePerSec)}</Td>
            <Td className="text-right text-muted">{formatMs(flow.meanMs)}</Td>
            <Td className="text-right">{flow.little ? inFlight(flow.little.expected) : ''}</Td>
            <Td className="text-right">{flow.inFlight === null ? 'not counted' : inFlight(flow.inFlight)}</Td>
            <Td>
              {flow.little ? (
                <span className="flex items-center gap-2">
                  <StateLabel {...WORDS[flow.little.verdict]} />
                  {flow.little.verdict === 'unknown' ? null : (
                    <span className="text-xs text-faint">{`${formatShare(missedBy(flow.little))} apart, ${formatCount(flow.count)} calls`}</span>
                  )}
                </span>
              ) : (
                <StateLabel state="unknown" word="one side is missing" />
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

const inFlight = (n: number): string => (n < 0.005 ? '0' : n < 9.95 ? n.toFixed(2) : formatCount(n))
