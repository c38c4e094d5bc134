/**
 * What `execute` adds to a call that succeeds, over a bare await, all accounting on: window, calls in flight, reports to the
 * control plane. Beside cockatiel's sampling breaker and opossum, which like ours by default do not time calls; what
 * timing each for slow calls adds. And whether memory grows with calls.
 */
import { connect } from '@holdfast/sdk'
import { ADMIN_TOKEN, launch, removeFolder } from '../e2e/launch.ts'
import { cockatiel } from './cockatiel.ts'
import { remark, report } from './report.ts'

const CALLS = 300_000
const ROUNDS = 9

const controlPlane = await launch({ env: { HOLDFAST_LOG_LEVEL: 'warn' } })
const holdfast = await connect({ url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false })
const ours = holdfast.breaker('bench')
const timed = holdfast.breaker('bench timed', { slowCallMs: 1_000, slowRateThreshold: 0.5 })

type Op = () => Promise<unknown>
const operation = async () => 1
const contenders = new Map<string, Op>([
  ['bare', operation],
  ['ours', () => ours.execute(operation)],
  ['timed', () => timed.execute(operation)],
])
try {
  const { circuitBreaker, handleAll, SamplingBreaker } = await cockatiel()
  const breaker = new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 1 })
  const peer = circuitBreaker(handleAll, { halfOpenAfter: 5_000, breaker })
  contenders.set('cockatiel', () => peer.execute(operation))
} catch {
  remark('cockatiel is not installed: npm install --prefix bench')
}
try {
  const name = 'opossum'
  const { default: CircuitBreaker } = (await import(name)) as {
    default: new (action: Op, options: object) => { fire(): Promise<unknown> }
  }
  const peer = new CircuitBreaker(operation, { timeout: false, errorThresholdPercentage: 50, resetTimeout: 5_000 })
  contenders.set('opossum', () => peer.fire())
} catch {
  remark('opossum is not installed: npm install --prefix bench')
}

async function nsPerCall(op: Op): Promise<number> {
  const begun = process.hrtime.bigint()
  for (let i = 0; i < CALLS; i++) await op()
  return Number(process.hrtime.bigint() - begun) / CALLS
}

// In turns, so that what else the machine does meets them all alike; the best of each is what it costs undisturbed.
const best = new Map<string, number>()
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, op] of contenders) {
    const ns = await nsPerCall(op)
    if (round > 0) best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, ns))
  }
}
const over = (name: string) => (best.get(name) ?? Number.NaN) - (best.get('bare') ?? 0)
const peers = Object.fromEntries(['cockatiel', 'opossum'].filter((n) => best.has(n)).map((n) => [n, over(n)]))
remark(`a bare await: ${Math.round(best.get('bare') ?? 0)} ns`)
report({ bench: 'breaker', metric: 'executeOverhead', unit: 'ns', ours: over('ours'), peers, lower: true })
report({ bench: 'breaker', metric: 'executeWithSlowCalls', unit: 'ns', ours: over('timed'), peers: {} })

// What stays on the heap after a million calls more.
const heap = () => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
const before = heap()
for (let i = 0; i < 1_000_000; i++) await ours.execute(operation)
report({ bench: 'breaker', metric: 'heapGrowth', unit: 'MB', ours: Math.max(0, heap() - before) / 1e6 })

await holdfast.close()
await controlPlane.stop()
removeFolder(controlPlane.folder)
process.exit(0)
