/** What `retry` adds to a call that succeeds at once, over a bare await: the budget counted, the policy looked up by name. */
import { connect } from '@holdfast/sdk'
import { ADMIN_TOKEN, launch, removeFolder } from '../e2e/launch.ts'
import { cockatiel } from './cockatiel.ts'
import { remark, report } from './report.ts'

const CALLS = 400_000
const ROUNDS = 9

const controlPlane = await launch({ env: { HOLDFAST_LOG_LEVEL: 'warn' } })
const holdfast = await connect({
  url: controlPlane.url,
  token: ADMIN_TOKEN,
  telemetry: false,
  policies: { plain: { maxElapsedMs: null }, timed: { maxElapsedMs: 10_000 } },
})

type Op = () => Promise<number>
const operation = async () => 1
const contenders = new Map<string, Op>([
  ['bare', operation],
  ['plain', () => holdfast.retry('plain', operation)],
  ['timed', () => holdfast.retry('timed', operation)],
])
try {
  const { ExponentialBackoff, handleAll, retry, timeout, TimeoutStrategy, wrap } = await cockatiel()
  const peer = retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() })
  const peerTimed = wrap(timeout(10_000, TimeoutStrategy.Aggressive), peer)
  contenders.set('cockatiel', () => peer.execute(operation))
  contenders.set('cockatiel timed', () => peerTimed.execute(operation))
} catch {
  remark('cockatiel is not installed: npm install --prefix bench')
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
const peers = (name: string) => (best.has(name) ? { peers: { cockatiel: over(name) } } : {})
remark(`a bare await: ${Math.round(best.get('bare') ?? 0)} ns`)
report({
  bench: 'retry',
  metric: 'executeOverhead',
  unit: 'ns',
  ours: over('plain'),
  ...peers('cockatiel'),
  lower: true,
})
report({
  bench: 'retry',
  metric: 'executeWithDeadline',
  unit: 'ns',
  ours: over('timed'),
  ...peers('cockatiel timed'),
  lower: true,
})

await holdfast.close()
await controlPlane.stop()
removeFolder(controlPlane.folder)
process.exit(0)
