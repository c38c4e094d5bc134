/** The `Server-Timing` header: https://www.w3.org/TR/server-timing/ */

/** What a service says of a request it has answered, in milliseconds; null: it said nothing. */
export interface ReportedTiming {
  appMs: number | null
  queueMs: number | null
}

const METRIC = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(.*)$/
const DURATION = /;\s*dur\s*=\s*"?(\d+(?:\.\d+)?)"?/i

/** Reads `app;dur=…` and `queue;dur=…`; anything else, and anything malformed, is passed over. */
export function parseServerTiming(header: string | string[] | undefined): ReportedTiming {
  const timing: ReportedTiming = { appMs: null, queueMs: null }
  if (header === undefined) return timing
  for (const part of (Array.isArray(header) ? header.join(',') : header).split(',')) {
    const match = METRIC.exec(part)
    const duration = match && DURATION.exec(match[2] as string)
    if (!duration) continue
    const ms = Number(duration[1])
    if (match[1] === 'app') timing.appMs ??= ms
    else if (match[1] === 'queue') timing.queueMs ??= ms
  }
  return timing
}

export function formatServerTiming(appMs: number, queueMs: number): string {
  return `app;dur=${appMs.toFixed(3)}, queue;dur=${queueMs.toFixed(3)}`
}

/** One call, cut into three disjoint parts whose sum is `totalMs`. */
export interface CallTiming {
  totalMs: number
  /** connecting, sending, receiving, and what nobody accounts for */
  networkMs: number
  /** the service's own work, as it reports it; 0 when it reports nothing */
  processingMs: number
  /** waiting for a socket here and for admission there */
  queueMs: number
  /** `measured`: the service told its part; `partial`: it did not, and all but waiting is under `networkMs` */
  quality: 'measured' | 'partial'
}

/**
 * L_total = L_network + L_processing + L_queue. `waitedMs`: from the call to the start of connecting or sending. What
 * the service reports is cut off where it claims more than the time that passed.
 */
export function splitTiming(totalMs: number, waitedMs: number, reported: ReportedTiming): CallTiming {
  const waited = Math.min(Math.max(0, waitedMs), totalMs)
  const appMs = Math.min(reported.appMs ?? 0, totalMs - waited)
  const remoteQueueMs = Math.min(reported.queueMs ?? 0, totalMs - waited - appMs)
  const queueMs = waited + remoteQueueMs
  return {
    totalMs,
    processingMs: appMs,
    queueMs,
    networkMs: totalMs - appMs - queueMs,
    quality: reported.appMs === null ? 'partial' : 'measured',
  }
}
