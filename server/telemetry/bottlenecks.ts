/** Utilisation, headroom and what gives way first, from what callers report over the live window. */
import type { Instance } from '../../core/instance.ts'
import type { BottleneckReport, FlowView, ServiceLoad, StationView } from '../../core/latency-view.ts'
import {
  bottleneckOf,
  checkLittle,
  firstSaturation,
  loadsOf,
  pathsOf,
  type Station,
  throughputMax,
} from '../../core/queueing.ts'
import type { Telemetry } from '../telemetry.ts'
import { GROUP_WINDOW_MS, type GroupWindow } from './groups.ts'

/** An estimate is the most that was seen at work at once for so long. */
const PEAK_KEPT_MS = 3_600_000
const CONCURRENCY_MAX = 1_000_000

interface Sums {
  service: string
  count: number
  errors: number
  ratePerSec: number
  queueMs: number
  /** of attempts whose upstream reports its own work */
  told: { count: number; processingMs: number }
  /** of attempts whose upstream does not, with an answer or without */
  silent: { count: number; insideMs: number }
}

export class Bottlenecks {
  readonly #telemetry: Telemetry
  readonly #instance: (id: string) => Instance | undefined
  /** most requests at work at once, by instance that declares nothing */
  readonly #peaks = new Map<string, { atOnce: number; at: number }>()

  constructor(telemetry: Telemetry, instance: (id: string) => Instance | undefined) {
    this.#telemetry = telemetry
    this.#instance = instance
  }

  /** Looks at how much each instance does at once; called now and then, so that peaks are found without anybody watching. */
  tick(now: number): void {
    for (const [id, sums] of instanceSums(this.#telemetry.groups.windows('instance', now))) {
      const atOnce = (sums.ratePerSec * (serviceOf(sums).ms ?? 0)) / 1_000
      const peak = this.#peaks.get(id)
      if (!peak || atOnce >= peak.atOnce || now - peak.at > PEAK_KEPT_MS) this.#peaks.set(id, { atOnce, at: now })
    }
    for (const [id, { at }] of this.#peaks) if (now - at > 2 * PEAK_KEPT_MS) this.#peaks.delete(id)
  }

  report(now: number, wall: number): BottleneckReport {
    this.tick(now)
    const byInstance = instanceSums(this.#telemetry.groups.windows('instance', now))
    const flows = this.#telemetry.flows().filter((flow) => flow.count > 0 || (flow.inFlight ?? 0) > 0)
    const called = new Set(flows.map((flow) => flow.callee))
    const entries = flows.filter((flow) => !called.has(flow.caller))
    const entryPerSec = entries.length === 0 ? null : entries.reduce((sum, flow) => sum + flow.ratePerSec, 0)

    const stations: (Station & Omit<StationView, keyof ReturnType<typeof loadsOf>[number]>)[] = []
    for (const [id, sums] of byInstance) {
      const { ms, from } = serviceOf(sums)
      const { value, source } = this.#concurrency(id)
      const { service, ratePerSec, count, errors, queueMs } = sums
      const load = { id, service, ratePerSec, serviceMs: ms, concurrency: value }
      stations.push({ ...load, concurrencyFrom: source, serviceFrom: from, queueMs: queueMs / count, errors, count })
    }
    const loads = loadsOf(stations, entryPerSec) as StationView[]
    const services = servicesOf(loads)
    const utilisation = new Map(services.map((s) => [s.service, s.utilisation ?? 0]))
    const paths = pathsOf(flows).map((path) => ({ ...path, first: firstSaturation(path.services, utilisation) }))
    return {
      at: wall,
      windowMs: GROUP_WINDOW_MS,
      entryPerSec,
      throughputMaxPerSec: throughputMax(loads),
      bottleneck: bottleneckOf(loads)?.id ?? null,
      services,
      paths,
      flows: flows.map(flowView),
    }
  }

  #concurrency(id: string): { value: number; source: StationView['concurrencyFrom'] } {
    const declared = Number(this.#instance(id)?.metadata.concurrency)
    if (Number.isInteger(declared) && declared >= 1 && declared <= CONCURRENCY_MAX) {
      return { value: declared, source: 'declared' }
    }
    return { value: Math.max(1, Math.ceil(this.#peaks.get(id)?.atOnce ?? 1)), source: 'estimated' }
  }
}

function flowView(flow: ReturnType<Telemetry['flows']>[number]): FlowView {
  const { id, caller, callee, protocol, count, ratePerSec, meanMs, inFlight, quality } = flow
  const little = meanMs === null || inFlight === null ? null : checkLittle({ count, ratePerSec, meanMs, inFlight })
  return { id, caller, callee, protocol, count, ratePerSec, meanMs, inFlight, little, quality }
}

function instanceSums(windows: readonly GroupWindow[]): Map<string, Sums> {
  const out = new Map<string, Sums>()
  for (const w of windows) {
    let sums = out.get(w.name)
    if (!sums) {
      const none = { told: { count: 0, processingMs: 0 }, silent: { count: 0, insideMs: 0 } }
      sums = { service: w.callee, count: 0, errors: 0, ratePerSec: 0, queueMs: 0, ...none }
      out.set(w.name, sums)
    }
    sums.count += w.count
    sums.errors += w.errors
    sums.ratePerSec += w.count / (w.spanMs / 1_000)
    sums.queueMs += w.queueMs
    if (w.quality === 'measured') {
      sums.told.count += w.count
      sums.told.processingMs += w.processingMs
    } else {
      sums.silent.count += w.count
      sums.silent.insideMs += w.processingMs + w.unattributedMs
    }
  }
  return out
}

/**
 * S. Where the instance reports its own work, the mean of that. Otherwise all that callers wait for it beyond the network:
 * too much when it queues, never too little.
 */
function serviceOf({ told, silent }: Sums): { ms: number | null; from: StationView['serviceFrom'] } {
  if (told.count > 0) return { ms: told.processingMs / told.count, from: 'measured' }
  if (silent.count > 0) return { ms: silent.insideMs / silent.count, from: 'estimated' }
  return { ms: null, from: 'unknown' }
}

function servicesOf(loads: readonly StationView[]): ServiceLoad[] {
  const by = new Map<string, StationView[]>()
  for (const load of loads) by.set(load.service, [...(by.get(load.service) ?? []), load])
  return [...by]
    .map(([service, stations]): ServiceLoad => {
      const ratePerSec = stations.reduce((sum, s) => sum + s.ratePerSec, 0)
      const known = stations.filter((s) => s.utilisation !== null)
      const fullest = known[0]
      const used = known.reduce((sum, s) => sum + (s.utilisation as number) * s.concurrency, 0)
      const slots = known.reduce((sum, s) => sum + s.concurrency, 0)
      return {
        service,
        ratePerSec,
        utilisation: fullest?.utilisation ?? null,
        meanUtilisation: slots > 0 ? used / slots : null,
        headroomPerSec: fullest?.growth ? Math.max(0, ratePerSec * (fullest.growth - 1)) : null,
        growth: fullest?.growth ?? null,
        stations,
      }
    })
    .sort((a, b) => (b.utilisation ?? -1) - (a.utilisation ?? -1) || a.service.localeCompare(b.service))
}
