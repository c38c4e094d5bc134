import type { EdgeView } from '@/core/topology'
import { formatMs, formatRate, formatShare } from '../ui/figure'
import { FaultMark } from './fault-marks'
import { errorTone } from './node-card'

/** Edges in tight rows; `end` is the one that is named. */
export function EdgeList(props: {
  edges: readonly EdgeView[]
  end: 'caller' | 'callee' | 'both'
  onEdge: (id: string) => void
}) {
  if (props.edges.length === 0) return null
  return (
    <ul className="-mx-2 text-sm">
      {props.edges.map((edge) => (
        <li key={edge.id}>
          <button
            type="button"
            onClick={() => props.onEdge(edge.id)}
            className="grid w-full grid-cols-[minmax(0,1fr)_3.5rem_3.5rem_4.5rem] items-baseline gap-2 rounded-md px-2 py-1 text-left hover:bg-sunken"
          >
            <span className="truncate" title={`${edge.caller} calls ${edge.callee} over ${edge.protocol}`}>
              {props.end === 'both' ? edge.caller : null}
              <span className="text-faint">{props.end === 'caller' ? '← ' : props.end === 'both' ? ' → ' : '→ '}</span>
              {props.end === 'caller' ? edge.caller : edge.callee}{' '}
              <span className="text-xs text-faint">{edge.protocol}</span>{' '}
              <FaultMark caller={edge.caller} callee={edge.callee} className="text-xs" />
            </span>
            {edge.count === 0 ? (
              <span className="col-span-3 text-right text-xs text-faint">no traffic</span>
            ) : (
              <>
                <span className="text-right">{formatRate(edge.ratePerSec)}</span>
                <span className={`text-right ${edge.errors > 0 ? errorTone(edge.errorShare ?? 0) : 'text-faint'}`}>
                  {formatShare(edge.errorShare ?? 0)}
                </span>
                <span className="text-right text-muted" title="99th percentile">
                  {edge.p99Ms === null ? 'not timed' : formatMs(edge.p99Ms)}
                </span>
              </>
            )}
          </button>
        </li>
      ))}
    </ul>
  )
}
