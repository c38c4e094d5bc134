'use client'

import { Section } from '../services/section'
import { Button } from '../ui/button'
import { Segmented } from '../ui/segmented'
import { SkeletonRows } from '../ui/skeleton'
import { ExemplarList } from './exemplar-list'
import { type Cell, rangeOf } from './heat-map'
import { clock } from './moments'
import type { LatencySearch } from './search-params'
import { useExemplars } from './use-latency'

export function KeptRequests(props: {
  search: LatencySearch
  cell: Cell | null
  firstNow: number
  onClearCell: () => void
  onOnly: (only: LatencySearch['only']) => void
  onOpen: (traceId: string) => void
}) {
  const { search, cell } = props
  const { exemplars, error } = useExemplars(search, cell, props.firstNow)
  return (
    <Section
      title={search.only === 'failed' ? 'The last that failed' : 'The slowest'}
      aside={
        <span className="flex flex-wrap items-center gap-2">
          {cell ? (
            <Button size="sm" variant="quiet" onClick={props.onClearCell}>
              {`${clock(cell.fromMs, 0, true)}, ${rangeOf(cell)}: show all`}
            </Button>
          ) : null}
          <Segmented
            label="Requests"
            options={[
              { value: 'all', label: 'All' },
              { value: 'failed', label: 'Failed' },
            ]}
            value={search.only}
            onChange={props.onOnly}
          />
        </span>
      }
    >
      {error ? <p className="text-sm text-unhealthy">{error.message}</p> : null}
      {exemplars === undefined && !error ? <SkeletonRows rows={4} /> : null}
      {exemplars?.length === 0 ? (
        <p className="py-4 text-sm text-muted">
          None of these was kept whole. Of each edge the slow ones, some that failed and now and then a typical one are.
        </p>
      ) : null}
      {exemplars && exemplars.length > 0 ? (
        <ExemplarList
          exemplars={exemplars}
          asked={JSON.stringify([
            search.only,
            search.caller,
            search.callee,
            search.route,
            search.instance,
            search.range,
            cell,
          ])}
          open={search.trace}
          hrefOf={(traceId) => `/latency/traces/${traceId}`}
          onOpen={props.onOpen}
        />
      ) : null}
    </Section>
  )
}
