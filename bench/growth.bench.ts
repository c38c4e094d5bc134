/** What 10,000 instances cost that 100 do not: a heartbeat, a discovery, and the memory of the process. */
import { readFileSync } from 'node:fs'
import { connect } from '@holdfast/sdk'
import { ADMIN_TOKEN, launch, removeFolder } from '../e2e/launch.ts'
import { openConnection } from './connection.ts'
import { inTurns, perSecond } from './load.ts'
import { report } from './report.ts'

const PER_SERVICE = 10

async function fleet(size: number) {
  const controlPlane = await launch({ env: { HOLDFAST_LOG_LEVEL: 'warn' } })
  const client = await connect({
    url: controlPlane.url,
    token: ADMIN_TOKEN,
    telemetry: false,
    requestTimeoutMs: 30_000,
  })
  const calls = await openConnection(controlPlane.url)
  let i = 0
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (i < size) {
        const n = i++
        const data = {
          name: `service-${Math.floor(n / PER_SERVICE)}`,
          id: `i-${n}`,
          address: '10.0.0.1:80',
          ttlMs: 600_000,
        }
        await calls.mutate('registry.register', data)
      }
    }),
  )
  return { controlPlane, client, calls, size, services: Math.ceil(size / PER_SERVICE) }
}

/** Resident memory of a process, in MB. */
function residentMB(pid: number): number {
  const kB = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kB) / 1024
}

const small = await fleet(100)
const large = await fleet(10_000)
// Both live at once and take turns, so that noise of the machine meets both.
const heartbeat = (f: typeof small) => () =>
  perSecond(32, 1_500, (i) => f.calls.mutate('registry.heartbeat', { id: `i-${i % f.size}`, generation: 1 }))
const discover = (f: typeof small) => () =>
  perSecond(32, 1_500, (i) => f.client.discover(`service-${i % f.services}`, { consistency: 'strong' }))

const beats = await inTurns<'small' | 'large'>(5, { small: heartbeat(small), large: heartbeat(large) })
report({
  bench: 'growth',
  metric: 'heartbeatCost',
  unit: 'ratio',
  ours: beats.small / beats.large,
  limit: 1.3,
  lower: true,
})
const found = await inTurns<'small' | 'large'>(5, { small: discover(small), large: discover(large) })
report({
  bench: 'growth',
  metric: 'discoverCost',
  unit: 'ratio',
  ours: found.small / found.large,
  limit: 1.3,
  lower: true,
})
report({
  bench: 'growth',
  metric: 'residentMemory',
  unit: 'MB',
  ours: residentMB(large.controlPlane.process.pid as number),
  limit: 350,
  lower: true,
})

for (const { calls, client, controlPlane } of [small, large]) {
  calls.close()
  await client.close()
  await controlPlane.stop()
  removeFolder(controlPlane.folder)
}
process.exit(0)
