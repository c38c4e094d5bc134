/** How benchmarks say what they measured: a table for people, with --json one object a line. */
export interface Measured {
  bench: string
  metric: string
  unit: string
  ours: number
  /** the same measured of others, in the same run */
  peers?: Record<string, number>
  /** a bound that is set instead of a peer */
  limit?: number
  /** true when less is better */
  lower?: boolean
}

const json = process.argv.includes('--json')

export function report(m: Measured): void {
  const peers = m.peers ?? {}
  // Oriented so that above 1 means that ours is better.
  const ratio = Object.fromEntries(
    Object.entries(peers).map(([name, value]) => [name, round(m.lower ? value / m.ours : m.ours / value)]),
  )
  if (json) {
    const { bench, metric, unit, limit } = m
    const line = { bench, metric, unit, ours: round(m.ours), peers: rounded(peers), ratio }
    console.log(JSON.stringify(limit === undefined ? line : { ...line, limit }))
    return
  }
  const others = Object.entries(peers).map(([name, value]) => `${name} ${format(value)} (ours is ${ratio[name]} ×)`)
  const bound = m.limit === undefined ? [] : [`limit ${format(m.limit)}${m.ours <= m.limit ? '' : ': EXCEEDED'}`]
  console.log(
    `${m.bench.padEnd(9)} ${m.metric.padEnd(18)} ${format(m.ours).padStart(12)} ${m.unit.padEnd(8)} ${[...others, ...bound].join('; ')}`,
  )
}

/** Remarks for people; never in the JSON. */
export function remark(text: string): void {
  if (!json) console.log(text)
}

function round(n: number): number {
  return Number(n.toPrecision(4))
}

function rounded(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, round(value)]))
}

function format(n: number): string {
  return n >= 1000 ? Math.round(n).toLocaleString('en') : String(round(n))
}
