/**
 * Sagas of five steps, all in a worker over the SDK's connection, 32 in flight, every step on disk before the next; Restate
 * with the same five steps in its SDK, in turns. Then the same with 200,000 finished runs in the file.
 */
import { launch, removeFolder } from '../e2e/launch.ts'
import { inTurns, median, perSecond } from './load.ts'
import { remark, report } from './report.ts'
import { startRestate } from './restate.ts'
import { fillWithFinishedRuns } from './saga-fill.ts'
import { openSagaLoad } from './saga-load.ts'

const IN_FLIGHT = 32
const ROUND_MS = 3_000
const ROUNDS = 3
const FINISHED = 200_000

const env = { HOLDFAST_LOG_LEVEL: 'warn' }
let controlPlane = await launch({ env })
let load = await openSagaLoad(controlPlane.url, 'bench-1')
const restate = await startRestate()
if (!restate) remark('Restate is not measured: npm install --prefix bench')

const waits: Record<'ours' | 'restate', number[]> = { ours: [], restate: [] }
const timed = (who: 'ours' | 'restate', run: () => Promise<unknown>) => async () => {
  const begun = performance.now()
  await run()
  waits[who].push(performance.now() - begun)
}
await perSecond(IN_FLIGHT, 4_000, () => load.run())
if (restate) await perSecond(IN_FLIGHT, 4_000, () => restate.run())
const runs = await inTurns<'ours' | 'restate'>(ROUNDS, {
  ours: () =>
    perSecond(
      IN_FLIGHT,
      ROUND_MS,
      timed('ours', () => load.run()),
    ),
  ...(restate && {
    restate: () =>
      perSecond(
        IN_FLIGHT,
        ROUND_MS,
        timed('restate', () => restate.run()),
      ),
  }),
})
report({
  bench: 'saga',
  metric: 'runs',
  unit: 'runs/s',
  ours: runs.ours,
  peers: restate ? { restate: runs.restate } : {},
})
report({
  bench: 'saga',
  metric: 'median',
  unit: 'ms',
  ours: median(waits.ours),
  peers: restate ? { restate: median(waits.restate) } : {},
  lower: true,
})
restate?.stop()
load.close()
await controlPlane.stop()

// Both files are opened anew and measured in turns, so that the machine's mood meets both.
const empty = await launch({ env })
const { folder } = controlPlane
fillWithFinishedRuns(`${folder}/holdfast.db`, FINISHED)
controlPlane = await launch({ env, folder })
load = await openSagaLoad(controlPlane.url, 'bench-2')
const other = await openSagaLoad(empty.url, 'bench-2')
await Promise.all([perSecond(8, 1_500, () => load.run()), perSecond(8, 1_500, () => other.run())])
const cost = await inTurns<'full' | 'none'>(5, {
  full: () => perSecond(IN_FLIGHT, 2_000, () => load.run()),
  none: () => perSecond(IN_FLIGHT, 2_000, () => other.run()),
})
report({ bench: 'saga', metric: 'historyCost', unit: 'ratio', ours: cost.none / cost.full, limit: 1.2, lower: true })
load.close()
other.close()
await Promise.all([controlPlane.stop(), empty.stop()])
removeFolder(controlPlane.folder)
removeFolder(empty.folder)
process.exit(0)
