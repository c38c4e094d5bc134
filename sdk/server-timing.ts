/** The `Server-Timing` header: https://www.w3.org/TR/server-timing/ */

/** What a service, and gateways before it, say of a request, in milliseconds; null: it said nothing. */
export interface ReportedTiming {
  appMs: number | null
  queueMs: number | null
  /** own work and waits of gateways on the way, all of them together */
  gatewayAppMs: number
  gatewayQueueMs: number
}

const METRIC = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(.*)$/
const DURATION = /;\s*dur\s*=\s*"?(\d+(?:\.\d+)?)"?/i

/**
 * Reads `app;dur=…` and `queue;dur=…` of the service, `gateway-app;dur=…` and `gateway-queue;dur=…` of gateways; anything
 * else, and anything malformed, is passed over.
 */
export function parseServerTiming(header: string | string[] | undefined): ReportedTiming {
  const timing: ReportedTiming = { appMs: null, queueMs: null, gatewayAppMs: 0, gatewayQueueMs: 0 }
  if (header === undefined) return timing
  for (const part of (Array.isArray(header) ? header.join(',') : header).split(',')) {
    const match = METRIC.exec(part)
    const duration = match && DURATION.exec(match[2] as string)
    if (!duration) continue
    const ms = Number(duration[1])
    if (match[1] === 'app') timing.appMs ??= ms
    else if (match[1] === 'queue') timing.queueMs ??= ms
    else if (match[1] === 'gateway-app') timing.gatewayAppMs += ms
    else if (match[1] === 'gateway-queue') timing.gatewayQueueMs += ms
  }
  return timing
}

export function formatServerTiming(appMs: number, queueMs: number): string {
  return `app;dur=${appMs.toFixed(3)}, queue;dur=${queueMs.toFixed(3)}`
}

/** What a gateway adds to the header of the service behind it, so that callers do not take its inside for the network. */
export function formatGatewayTiming(appMs: number, queueMs: number): string {
  return `gateway-app;dur=${appMs.toFixed(3)}, gateway-queue;dur=${queueMs.toFixed(3)}`
}
