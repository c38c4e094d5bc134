/**
 * How soon an operator's trip is in force everywhere: 100 clients with a connection each, from the call of `trip` to the
 * last of them refusing. And what 500 clients that report 200 breakers once a second cost the control plane.
 */
import { readFileSync } from 'node:fs'
import { connect, type Holdfast } from '@holdfast/sdk'
import { ADMIN_TOKEN, launch, removeFolder } from '../e2e/launch.ts'
import { type Calls, openConnection } from './connection.ts'
import { percentile } from './load.ts'
import { report } from './report.ts'

const CLIENTS = 100
const TRIPS = 40
const REPORTERS = 500
const BREAKERS = 200
const MEASURED_MS = 10_000
/** Kernel ticks a second, as Linux has it everywhere. */
const TICKS = 100

const controlPlane = await launch({ env: { HOLDFAST_LOG_LEVEL: 'warn' } })
const clients: Holdfast[] = []
for (let i = 0; i < CLIENTS; i++) {
  clients.push(await connect({ url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false }))
}
const first = clients[0] as Holdfast
const name = 'propagation'
const breakers = clients.map((holdfast) => holdfast.breaker(name))
await Promise.all(breakers.map((breaker) => breaker.execute(async () => 1)))
const known = async () => {
  const { breakers: tiles } = await first.trpc.breakers.list.query({ data: { q: name } })
  return tiles[0]?.rollout.of ?? 0
}
while ((await known()) < CLIENTS) await new Promise((resolve) => setTimeout(resolve, 100))

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const tookMs: number[] = []
for (let i = 0; i < TRIPS; i++) {
  const begun = performance.now()
  const done = first.trpc.breakers.override.mutate({
    data: { name, mode: 'forced-open', reason: 'benchmark', forMs: null },
  })
  const waiting = new Set(breakers)
  while (waiting.size > 0) {
    for (const breaker of waiting) {
      if (breaker.state !== 'open') continue
      waiting.delete(breaker)
      tookMs.push(performance.now() - begun)
    }
    await turn()
  }
  await done
  await first.trpc.breakers.clearOverride.mutate({ data: { name, reason: 'benchmark' } })
  while (breakers.some((breaker) => breaker.state !== 'closed')) await turn()
}
report({
  bench: 'propagation',
  metric: 'tripToAllP99',
  unit: 'ms',
  ours: percentile(tookMs, 0.99),
  peers: {},
  limit: 50,
})
await Promise.all(clients.map((holdfast) => holdfast.close()))

const reporters: Calls[] = []
for (let i = 0; i < REPORTERS; i += 25) {
  reporters.push(...(await Promise.all(Array.from({ length: 25 }, () => openConnection(controlPlane.url)))))
}
const names = Array.from({ length: BREAKERS }, (_, i) => `reported-${i}`)
const declared = names.map((each) => ({ name: each }))
for (const [i, calls] of reporters.entries()) {
  await calls.mutate('breakers.report', { caller: `caller-${i}`, session: '1', declared })
}
const counts = names.flatMap(() => [1, 50, 2, 0, 0, 5, 0])
const timers = reporters.map((calls, i) => {
  const say = () =>
    calls
      .mutate('breakers.report', { caller: `caller-${i}`, session: '1', spanMs: 1_000, names, counts })
      .catch(() => null)
  return setTimeout(() => void setInterval(say, 1_000), (i * 1_000) / REPORTERS)
})
await new Promise((resolve) => setTimeout(resolve, 3_000))
const ticks = () => {
  const fields = readFileSync(`/proc/${controlPlane.process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}
const [before, at] = [ticks(), performance.now()]
await new Promise((resolve) => setTimeout(resolve, MEASURED_MS))
const share = (ticks() - before) / TICKS / ((performance.now() - at) / 1_000)
report({ bench: 'propagation', metric: 'serverCoreShare', unit: 'ratio', ours: share, peers: {}, limit: 0.2 })

for (const timer of timers) clearTimeout(timer)
for (const calls of reporters) calls.close()
await controlPlane.stop()
removeFolder(controlPlane.folder)
process.exit(0)
