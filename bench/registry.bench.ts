/**
 * The registry over the SDK's connection, 32 calls in flight, client and server in processes of their own; etcd with its
 * Node client in the same way, in turns. Reads are linearizable on both sides (`strong` here, etcd's default there), and
 * writes are on disk when answered.
 */
import { connect } from '@holdfast/sdk'
import { ADMIN_TOKEN, launch, removeFolder } from '../e2e/launch.ts'
import { openConnection } from './connection.ts'
import { startEtcd } from './etcd.ts'
import { inTurns, perSecond } from './load.ts'
import { remark, report } from './report.ts'

const IN_FLIGHT = 32
const ROUND_MS = 2_000
const ROUNDS = 3
const SERVICES = 1_000

const controlPlane = await launch({ env: { HOLDFAST_LOG_LEVEL: 'warn' } })
const holdfast = await connect({
  url: controlPlane.url,
  token: ADMIN_TOKEN,
  telemetry: false,
  requestTimeoutMs: 30_000,
})
const calls = await openConnection(controlPlane.url)
const etcd = await startEtcd()
if (!etcd) remark('etcd is not measured: apt-get install etcd-server, and npm install --prefix bench')

const registration = (i: number, tag: string) => ({
  name: `service-${i % SERVICES}`,
  id: `${tag}-${i}`,
  address: `10.0.${(i >> 8) & 255}.${i & 255}:8080`,
  zone: 'a',
  metadata: { commit: 'f3a91c2' },
  ttlMs: 600_000,
})
const peers = (value: number | undefined) => (value === undefined ? {} : { etcd: value })

// Round robin over processes: warm up both before anything counts.
for (let i = 0; i < SERVICES; i++)
  await Promise.all([
    calls.mutate('registry.register', registration(i, 'seed')),
    etcd?.put(`services/service-${i}/seed-${i}`, JSON.stringify(registration(i, 'seed'))),
  ])

let next = 0
const register = await inTurns<'ours' | 'etcd'>(ROUNDS, {
  ours: () => perSecond(IN_FLIGHT, ROUND_MS, () => calls.mutate('registry.register', registration(next++, 'load'))),
  ...(etcd && {
    etcd: () => {
      let i = 0
      return perSecond(IN_FLIGHT, ROUND_MS, () => etcd.put(`load/${i++}`, JSON.stringify(registration(i, 'load'))))
    },
  }),
})
report({
  bench: 'registry',
  metric: 'register',
  unit: 'calls/s',
  ours: register.ours,
  peers: peers(etcd ? register.etcd : undefined),
})

const heartbeat = await inTurns<'ours' | 'etcd'>(ROUNDS, {
  ours: () =>
    perSecond(IN_FLIGHT, ROUND_MS, (i) =>
      calls.mutate('registry.heartbeat', { id: `seed-${i % SERVICES}`, generation: 1 }),
    ),
  ...(etcd && { etcd: () => perSecond(IN_FLIGHT, ROUND_MS, () => etcd.keepalive()) }),
})
report({
  bench: 'registry',
  metric: 'heartbeat',
  unit: 'calls/s',
  ours: heartbeat.ours,
  peers: peers(etcd ? heartbeat.etcd : undefined),
})

// One instance a service on both sides, whose record is read: the same answer to the same question.
for (let i = 0; i < SERVICES; i++)
  await calls.mutate('registry.register', { ...registration(i, 'one'), name: `single-${i}` })
const discover = await inTurns<'ours' | 'etcd'>(ROUNDS, {
  ours: () =>
    perSecond(IN_FLIGHT, ROUND_MS, (i) => holdfast.discover(`single-${i % SERVICES}`, { consistency: 'strong' })),
  ...(etcd && {
    etcd: () =>
      perSecond(IN_FLIGHT, ROUND_MS, (i) => etcd.get(`services/service-${i % SERVICES}/seed-${i % SERVICES}`)),
  }),
})
report({
  bench: 'registry',
  metric: 'discover',
  unit: 'calls/s',
  ours: discover.ours,
  peers: peers(etcd ? discover.etcd : undefined),
})

await holdfast.discover('single-1')
const batch = 10_000
const localDiscover = await inTurns<'ours'>(ROUNDS, {
  async ours() {
    let done = 0
    const begun = performance.now()
    while (performance.now() - begun < 1_000) {
      for (let i = 0; i < batch; i++) await holdfast.discover('single-1')
      done += batch
    }
    return done / ((performance.now() - begun) / 1000)
  },
})
report({ bench: 'registry', metric: 'localDiscover', unit: 'calls/s', ours: localDiscover.ours })

await holdfast.close()
calls.close()
etcd?.stop()
await controlPlane.stop()
removeFolder(controlPlane.folder)
process.exit(0)
