/** 200 watchers of one service, each on a connection of its own: from the change being acknowledged to the last one told. */
import { connect } from '@holdfast/sdk'
import { ADMIN_TOKEN, launch, removeFolder } from '../e2e/launch.ts'
import { percentile } from './load.ts'
import { report } from './report.ts'

const WATCHERS = 200
const CHANGES = 200

const controlPlane = await launch({ env: { HOLDFAST_LOG_LEVEL: 'warn' } })
const options = { url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false } as const
const writer = await connect(options)
const register = (version: number) =>
  writer.trpc.registry.register.mutate({
    data: { name: 'watched', id: 'watched-1', address: '127.0.0.1:1', version: String(version), ttlMs: 0 },
  })
await register(0)

let told = 0
let version = '0'
let allTold: (at: number) => void = () => {}
const watchers = await Promise.all(Array.from({ length: WATCHERS }, () => connect(options)))
for (const watcher of watchers) {
  watcher.watch('watched', (instances) => {
    if (instances[0]?.version !== version) return
    told += 1
    if (told === WATCHERS) allTold(performance.now())
  })
}
await new Promise((resolve) => setTimeout(resolve, 1_500))

const took: number[] = []
for (let change = 1; change <= CHANGES; change++) {
  told = 0
  version = String(change)
  const done = new Promise<number>((resolve) => {
    allTold = resolve
  })
  const begun = performance.now()
  await register(change)
  took.push((await done) - begun)
  await new Promise((resolve) => setTimeout(resolve, 10))
}
report({ bench: 'watch', metric: 'allToldP99', unit: 'ms', ours: percentile(took, 0.99), limit: 25, lower: true })
report({ bench: 'watch', metric: 'allToldMedian', unit: 'ms', ours: percentile(took, 0.5), lower: true })

await Promise.all([writer, ...watchers].map((client) => client.close()))
await controlPlane.stop()
removeFolder(controlPlane.folder)
process.exit(0)
