/**
 * Experiments that a newcomer can make with the fleet, and how far one has come. Each step names what is to be seen and
 * how the page recognises it; steps are met in order, so that an old state is not taken for an effect.
 */
import type { Instance } from '@/core/instance'
import type { EdgeView } from '@/core/topology'
import type { Action, InstanceStatus, LoadPoint } from '@/server/demo'

export interface Seen {
  /** milliseconds, by one clock for all moments of a progress */
  now: number
  process(id: string): InstanceStatus | undefined
  registry(id: string): Pick<Instance, 'health' | 'reason' | 'heartbeat' | 'generation'> | undefined
  edge(caller: string, callee: string): Pick<EdgeView, 'p99Ms' | 'errorShare' | 'quality' | 'count'> | undefined
  /** the last seconds of what customers met, oldest first */
  load: readonly LoadPoint[]
}

export interface Step {
  says: string
  met(seen: Seen): boolean
}

export interface Experiment {
  id: string
  title: string
  instance: string
  action: Action
  /** the words on its button */
  verb: string
  /** what it teaches, in a sentence or two */
  teaches: string
  steps: Step[]
  /** what ends it, where it does not end by itself */
  undo: { action: Action; verb: string; after: number } | null
}

const SLOW_P99_MS = 300
const EDGE_ERRORS = 0.05
const CUSTOMERS_S = 3

const health =
  (id: string, ...states: Instance['health'][]) =>
  (seen: Seen) => {
    const found = seen.registry(id)
    return found !== undefined && states.includes(found.health)
  }

const mode = (id: string, wanted: InstanceStatus['mode']) => (seen: Seen) => {
  const found = seen.process(id)
  return found?.state === 'running' && found.mode === wanted
}

/** No customer has been failed in the last seconds, though some came. */
const customersFine = ({ load }: Seen) => {
  const last = load.slice(-CUSTOMERS_S)
  return last.length === CUSTOMERS_S && last.some((p) => p.answered > 0) && last.every((p) => p.failed === 0)
}

const both =
  (...tests: ((seen: Seen) => boolean)[]) =>
  (seen: Seen) =>
    tests.every((test) => test(seen))

export const EXPERIMENTS: readonly Experiment[] = [
  {
    id: 'kill',
    title: 'A process dies',
    instance: 'payments-1',
    action: 'kill',
    verb: 'Kill payments-1',
    teaches:
      'SIGKILL gives it no time to say goodbye. The control plane finds out by itself, callers go on to payments-2, and the process registers itself again when it is back.',
    steps: [
      { says: 'the process is gone', met: (seen) => seen.process('payments-1')?.state === 'down' },
      {
        says: 'the registry turns it to unhealthy: two checks refused, or 6 s without a heartbeat',
        met: health('payments-1', 'unhealthy'),
      },
      { says: 'customers go on ordering through payments-2', met: customersFine },
      {
        says: 'its process is started again, with a new pid',
        met: (seen) => seen.process('payments-1')?.state === 'running',
      },
      { says: 'it has registered itself and is healthy', met: health('payments-1', 'healthy') },
    ],
    undo: null,
  },
  {
    id: 'hung',
    title: 'Alive, but deaf',
    instance: 'inventory-2',
    action: 'hung',
    verb: 'Hang inventory-2',
    teaches:
      'Its heartbeats go on, so a registry that only listens would call it healthy. The active check gets no answer within 1.5 s and tells the truth.',
    steps: [
      { says: 'it accepts connections and answers nothing', met: mode('inventory-2', 'hung') },
      {
        says: 'its check times out twice and it turns to unhealthy, with heartbeats still on time',
        met: both(health('inventory-2', 'unhealthy'), (seen) => seen.registry('inventory-2')?.heartbeat === 'live'),
      },
      { says: 'callers leave it alone: customers are served again', met: customersFine },
      { says: 'restarted: SIGTERM first, SIGKILL if it does not listen', met: mode('inventory-2', 'normal') },
      { says: 'healthy again', met: health('inventory-2', 'healthy') },
    ],
    undo: { action: 'restart', verb: 'Restart inventory-2', after: 3 },
  },
  {
    id: 'failing',
    title: 'Healthy on paper',
    instance: 'payments-2',
    action: 'failing',
    verb: 'Make payments-2 fail',
    teaches:
      'Six of ten calls get an error at once. It still counts as reachable, so it warns rather than goes down; the edge on the map shows what its callers really get.',
    steps: [
      { says: 'it answers most calls with an error', met: mode('payments-2', 'failing') },
      { says: 'its own check warns of its error share', met: health('payments-2', 'warning') },
      {
        says: 'orders → payments shows errors on the map',
        met: (seen) => (seen.edge('orders', 'payments')?.errorShare ?? 0) > EDGE_ERRORS,
      },
      { says: 'back to normal', met: mode('payments-2', 'normal') },
      { says: 'the warning is lifted once the last 10 s are clean', met: health('payments-2', 'healthy') },
    ],
    undo: { action: 'normal', verb: 'Back to normal', after: 3 },
  },
  {
    id: 'slow',
    title: 'Slow is not down',
    instance: 'inventory-1',
    action: 'slow',
    verb: 'Slow inventory-1 down',
    teaches:
      'Each answer takes 400 to 900 ms longer. Its checks pass, so nothing turns red: look at the p99 of the edges into it. Callers prefer those with fewer calls in flight, so it gets less traffic by itself.',
    steps: [
      { says: 'it answers late', met: mode('inventory-1', 'slow') },
      {
        says: 'p99 of storefront → inventory passes 300 ms',
        met: (seen) => (seen.edge('storefront', 'inventory')?.p99Ms ?? 0) > SLOW_P99_MS,
      },
      { says: 'and it is healthy all the while', met: health('inventory-1', 'healthy') },
      { says: 'back to normal', met: mode('inventory-1', 'normal') },
      {
        says: 'p99 comes down again, once the slow calls have left its window',
        met: (seen) => {
          const p99 = seen.edge('storefront', 'inventory')?.p99Ms
          return p99 !== undefined && p99 !== null && p99 < SLOW_P99_MS
        },
      },
    ],
    undo: { action: 'normal', verb: 'Back to normal', after: 3 },
  },
  {
    id: 'restart',
    title: 'A quiet restart',
    instance: 'orders-1',
    action: 'restart',
    verb: 'Restart orders-1',
    teaches:
      'SIGTERM: it says that it is draining, finishes what it has begun, deregisters and ends; callers have moved on before it stops listening. This is how a deployment should look to customers: like nothing.',
    steps: [
      { says: 'it drains and leaves', met: (seen) => seen.process('orders-1')?.state !== 'running' },
      { says: 'its new process runs', met: mode('orders-1', 'normal') },
      { says: 'it is in the registry again', met: health('orders-1', 'healthy') },
      { says: 'no customer was failed in these seconds', met: customersFine },
    ],
    undo: null,
  },
  {
    id: 'last',
    title: 'The only one of its kind',
    instance: 'shipping-1',
    action: 'kill',
    verb: 'Kill shipping-1',
    teaches:
      'Nobody can take over for it. Orders are still accepted, because orders writes down what is left to do and tries again: the parcels are packed when shipping is back.',
    steps: [
      { says: 'the process is gone', met: (seen) => seen.process('shipping-1')?.state === 'down' },
      { says: 'shipping has no healthy instance left', met: health('shipping-1', 'unhealthy') },
      { says: 'customers can still order', met: customersFine },
      { says: 'it is back', met: (seen) => seen.process('shipping-1')?.state === 'running' },
      { says: 'healthy, and working off what was left', met: health('shipping-1', 'healthy') },
    ],
    undo: null,
  },
]

/** How far an experiment has come. `metAt`: when each step was met, as far as it has come. */
export interface Progress {
  startedAt: number
  metAt: readonly number[]
}

/** An effect is looked for only after the action has had time to leave; what was on the screen before is no effect. */
const SETTLE_MS = 300

/** Meets as many of the next steps as can be seen now. Returns the same object when nothing is new. */
export function advance(experiment: Experiment, progress: Progress, seen: Seen): Progress {
  if (seen.now - progress.startedAt < SETTLE_MS) return progress
  const metAt = [...progress.metAt]
  for (let step = experiment.steps[metAt.length]; step?.met(seen); step = experiment.steps[metAt.length]) {
    metAt.push(seen.now)
  }
  return metAt.length === progress.metAt.length ? progress : { ...progress, metAt }
}

export function isDone(experiment: Experiment, progress: Progress): boolean {
  return progress.metAt.length === experiment.steps.length
}
