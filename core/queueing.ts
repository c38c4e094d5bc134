/**
 * What the load does to each part, and which one gives way first.
 *
 * Little: L = λ·R. Utilisation law: U_i = λ_i·S_i / c_i. Forced flow: V_i = λ_i / λ_0, D_i = V_i·S_i, and the throughput
 * of the whole is bounded by its slowest part: X ≤ min_i c_i / D_i = min_i T_i.
 * Sources: J. D. C. Little, "A Proof for the Queuing Formula L = λW", Operations Research 9(3), 1961; P. J. Denning,
 * J. P. Buzen, "The Operational Analysis of Queueing Network Models", ACM Computing Surveys 10(3), 1978.
 */

/** One part that serves requests: an instance. */
export interface Station {
  id: string
  service: string
  /** λ: requests that come to it, a second */
  ratePerSec: number
  /** S: its own work on one request, milliseconds, waiting not included; null: not known */
  serviceMs: number | null
  /** c: requests it works on at the same time */
  concurrency: number
}

export interface StationLoad extends Station {
  /** U = λ·S/c; 1 is saturated, above it work piles up; null: S is not known */
  utilisation: number | null
  /** μ = c/S, what it can do at most, requests a second; null: not known, or no bound */
  capacityPerSec: number | null
  /** V: requests to it for one that enters the system; null: nothing enters */
  visits: number | null
  /** D = V·S, milliseconds of its work for one request that enters */
  demandMs: number | null
  /** T = c/D, requests that may enter a second before it is saturated */
  throughputMaxPerSec: number | null
  /** how much the load may grow before it is saturated: 1/U */
  growth: number | null
}

/** `entryPerSec`: λ_0, requests that enter the system from outside; null: not known. In order of utilisation. */
export function loadsOf(stations: readonly Station[], entryPerSec: number | null): StationLoad[] {
  return stations.map((station) => loadOf(station, entryPerSec)).sort(byUtilisation)
}

function loadOf(station: Station, entryPerSec: number | null): StationLoad {
  const { ratePerSec, serviceMs, concurrency } = station
  const enters = entryPerSec !== null && entryPerSec > 0
  const visits = enters ? ratePerSec / entryPerSec : null
  const known = serviceMs !== null && concurrency > 0
  const utilisation = known ? (ratePerSec * serviceMs) / 1_000 / concurrency : null
  const demandMs = visits === null || serviceMs === null ? null : visits * serviceMs
  return {
    ...station,
    utilisation,
    capacityPerSec: known && serviceMs > 0 ? (concurrency / serviceMs) * 1_000 : null,
    visits,
    demandMs,
    throughputMaxPerSec: demandMs !== null && demandMs > 0 ? (concurrency / demandMs) * 1_000 : null,
    growth: utilisation !== null && utilisation > 0 ? 1 / utilisation : null,
  }
}

const byUtilisation = (a: StationLoad, b: StationLoad): number =>
  (b.utilisation ?? -1) - (a.utilisation ?? -1) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** argmax U_i; null where no utilisation is known or nothing is used. */
export function bottleneckOf(loads: readonly StationLoad[]): StationLoad | null {
  let most: StationLoad | null = null
  for (const load of loads) {
    if ((load.utilisation ?? 0) > 0 && (most === null || byUtilisation(load, most) < 0)) most = load
  }
  return most
}

/** X_max = min_i T_i, requests that may enter a second; null: no part bounds it. */
export function throughputMax(loads: readonly StationLoad[]): number | null {
  let least: number | null = null
  for (const { throughputMaxPerSec: t } of loads) if (t !== null && (least === null || t < least)) least = t
  return least
}

export interface LittleCheck {
  /** λ·R, what follows from completions and durations */
  expected: number
  /** the mean of the gauge */
  measured: number
  /** `unknown`: too few requests to tell */
  verdict: 'agrees' | 'differs' | 'unknown'
}

/** Requests below which borders of the window decide. */
const TELLING = 30

/**
 * L = λ·R against a gauge that counts beginnings and endings for itself. Over a window both differ by the requests that
 * cross its borders: by at most so many durations as are in flight there, a share of about 1/√n of n requests.
 */
export function checkLittle(flow: {
  count: number
  ratePerSec: number
  meanMs: number
  inFlight: number
}): LittleCheck {
  const expected = (flow.ratePerSec * flow.meanMs) / 1_000
  const measured = flow.inFlight
  const share = Math.max(0.1, 3 / Math.sqrt(Math.max(1, flow.count)))
  const allowed = Math.max(0.05, share * Math.max(expected, measured))
  const agrees = Math.abs(expected - measured) <= allowed
  return { expected, measured, verdict: flow.count < TELLING ? 'unknown' : agrees ? 'agrees' : 'differs' }
}

/** A way that requests take through the services, from where they enter. */
export interface FlowPath {
  services: string[]
  /** of the calls of each step, those that go on with the next one: Π λ_edge / λ_in, for one request that enters */
  visits: number
}

const PATHS_MAX = 50
const DEPTH_MAX = 12

/**
 * The ways through the graph of calls, the busiest first, at most PATHS_MAX, none of which passes a service twice.
 * Entries are the services that call and are not called.
 */
export function pathsOf(edges: readonly { caller: string; callee: string; ratePerSec: number }[]): FlowPath[] {
  const rates = new Map<string, Map<string, number>>()
  const into = new Map<string, number>()
  for (const { caller, callee, ratePerSec } of edges) {
    if (!(ratePerSec > 0) || caller === callee) continue
    const out = rates.get(caller) ?? new Map<string, number>()
    out.set(callee, (out.get(callee) ?? 0) + ratePerSec)
    rates.set(caller, out)
    into.set(callee, (into.get(callee) ?? 0) + ratePerSec)
  }
  const paths: FlowPath[] = []
  const walk = (path: string[], visits: number): void => {
    const last = path.at(-1) as string
    const next = [...(rates.get(last) ?? [])].filter(([callee]) => !path.includes(callee))
    if (next.length === 0 || path.length >= DEPTH_MAX) {
      if (path.length > 1) paths.push({ services: path, visits })
      return
    }
    const taken = into.get(last)
    for (const [callee, rate] of next.sort((a, b) => b[1] - a[1])) {
      // A bounded walk: of a dense graph the busiest ways are enough.
      if (paths.length >= PATHS_MAX * 4) return
      walk([...path, callee], taken === undefined ? visits : visits * (rate / taken))
    }
  }
  for (const entry of rates.keys()) if (!into.has(entry)) walk([entry], 1)
  return paths.sort((a, b) => b.visits - a.visits).slice(0, PATHS_MAX)
}

export interface Saturation {
  service: string
  /** by so much may the load grow before it is saturated */
  growth: number
}

/** Who gives way first along a path as its load grows: the one of the highest utilisation. Null: none is known. */
export function firstSaturation(path: readonly string[], utilisation: ReadonlyMap<string, number>): Saturation | null {
  let first: Saturation | null = null
  for (const service of path) {
    const used = utilisation.get(service) ?? 0
    if (used > 0 && (first === null || 1 / used < first.growth)) first = { service, growth: 1 / used }
  }
  return first
}
