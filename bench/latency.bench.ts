/**
 * What it costs a caller to have its calls measured and reported: `call` of the SDK with its reports on and off, in turns,
 * one process with one service before it; and one observation with its cut, as a gateway makes it for each request.
 */
import { connect } from '@holdfast/sdk'
import { ADMIN_TOKEN, launch, removeFolder } from '../e2e/launch.ts'
import { forkHere } from './gateways.ts'
import { median, perSecond } from './load.ts'
import { remark, report } from './report.ts'

const IN_FLIGHT = 16
const MS = Number(process.env.BENCH_MS ?? 700)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 21)
const OBSERVATIONS = 200_000

const backend = await forkHere('http-backend.ts')
const controlPlane = await launch({ env: { HOLDFAST_LOG_LEVEL: 'warn' } })
const { url } = controlPlane
const joined = (name: string, port: number, telemetry: boolean) =>
  connect({ url, token: ADMIN_TOKEN, telemetry, service: { name, address: `127.0.0.1:${port}` } })
try {
  const service = await joined('backend', backend.port, false)
  const reported = await joined('reported', 9, true)
  const unreported = await joined('unreported', 9, false)
  const callers = { reported, unreported }
  const seen = { reported: [] as number[], unreported: [] as number[] }
  const rates = { reported: [] as number[], unreported: [] as number[] }
  // The time of the processor, not of the wall: other processes of the machine take from the latter alone.
  for (let round = -2; round < ROUNDS; round++) {
    for (const name of round % 2 === 0
      ? (['reported', 'unreported'] as const)
      : (['unreported', 'reported'] as const)) {
      const before = process.cpuUsage()
      let calls = 0
      const rate = await perSecond(IN_FLIGHT, MS, async () => {
        await callers[name].call('backend', '/')
        calls += 1
      })
      const { user, system } = process.cpuUsage(before)
      if (round < 0) continue
      seen[name].push((user + system) / calls)
      rates[name].push(rate)
    }
  }
  remark(
    `a call takes ${Math.min(...seen.reported).toFixed(1)} µs of the processor, unreported ${Math.min(...seen.unreported).toFixed(1)};` +
      ` ${Math.round(median(rates.reported))} and ${Math.round(median(rates.unreported))} calls/s in the median`,
  )
  report({
    bench: 'latency',
    metric: 'callCost',
    unit: 'ratio',
    // The best of each is what it takes undisturbed.
    ours: Math.min(...seen.reported) / Math.min(...seen.unreported) - 1,
    limit: 0.05,
    lower: true,
  })

  const parts = { totalMs: 3, networkMs: 0.5, processingMs: 2, queueMs: 0.5, unattributedMs: 0 }
  const cut = { ...parts, quality: 'measured', clamped: false, firstByteMs: 3, streamMs: 0 } as const
  const { recorder } = reported
  // Made beforehand, so that making them is no part of it.
  const observations = Array.from({ length: 97 }, (_, i) => {
    const own = { ...cut, totalMs: 1 + i / 10, processingMs: i / 10 }
    const request = { callee: 'backend', protocol: 'http', failed: false, instance: 'backend-1', route: 'all' }
    return { ...request, durationMs: own.totalMs, attempt: own, cut: own }
  })
  const perObservation: number[] = []
  for (let round = 0; round < 9; round++) {
    const begun = process.hrtime.bigint()
    for (let i = 0; i < OBSERVATIONS; i++) {
      recorder.record(observations[i % 97] as (typeof observations)[number])
    }
    perObservation.push(Number(process.hrtime.bigint() - begun) / OBSERVATIONS)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  report({
    bench: 'latency',
    metric: 'observation',
    unit: 'ns',
    ours: Math.min(...perObservation),
    // 5% of a request of a gateway that takes 15,000 of them a second.
    limit: 3_300,
    lower: true,
  })
  await Promise.all([service, reported, unreported].map((holdfast) => holdfast.close()))
} finally {
  backend.stop()
  await controlPlane.stop()
  removeFolder(controlPlane.folder)
}
process.exit(0)
