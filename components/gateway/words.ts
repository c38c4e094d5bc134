/** Routes, and what became of requests, in words. Pure. */
import type { Fault } from '@/core/gateway/fault'
import type { RouteMatch, RouteSpec, Target } from '@/core/gateway/route'
import type { Refusal, RequestEntry, RouteView, WorkerView } from '@/core/gateway/view'
import { formatMs, formatShare } from '../ui/figure'
import type { State } from '../ui/state'

const ERRORS_SOME = 0.05
const ERRORS_MANY = 0.5
/** A worker tells once a second. */
export const WORKER_LATE_MS = 4_000

/** The glyph's state and the word beside it: what is seen of a route, or that an operator has taken it out. */
export function routeState({ route, observed }: RouteView, workers: number): { state: State; word: string } {
  if (!route.enabled) return { state: 'operator', word: 'disabled' }
  if (workers === 0) return { state: 'unknown', word: 'no worker' }
  if (observed.instances > 0 && observed.routable === 0) return { state: 'unhealthy', word: 'nobody routable' }
  const errors = errorShare(observed)
  if (errors !== null && errors >= ERRORS_MANY) return { state: 'unhealthy', word: 'failing' }
  if (observed.instances === 0) return { state: 'unhealthy', word: 'nobody there' }
  if (observed.concerns.length > 0) return { state: 'warning', word: 'see concerns' }
  if (errors !== null && errors >= ERRORS_SOME) return { state: 'warning', word: 'some fail' }
  if (observed.ageMs === null) return { state: 'unknown', word: 'not seen yet' }
  return errors === null ? { state: 'healthy', word: 'ready' } : { state: 'healthy', word: 'serving' }
}

/** null: nobody came by. */
export function errorShare({ requests, errors }: { requests: number; errors: number }): number | null {
  return requests === 0 ? null : errors / requests
}

export function workerState({ ageMs, problems }: WorkerView, behind: boolean): { state: State; word: string } {
  if (ageMs > WORKER_LATE_MS) return { state: 'late', word: 'silent' }
  if (problems.length > 0) return { state: 'warning', word: 'has problems' }
  return behind ? { state: 'warning', word: 'behind' } : { state: 'healthy', word: 'up' }
}

/** `GET, POST` */
export const methodsWord = ({ methods }: Pick<RouteMatch, 'methods'>): string =>
  methods.length === 0 ? 'any method' : methods.join(', ')

/** `api.example.org/orders/*` */
export function placeWord({ hosts, path }: Pick<RouteMatch, 'hosts' | 'path'>): string {
  const [first, ...more] = hosts
  const host = first === undefined ? '' : more.length === 0 ? first : `${first} +${more.length}`
  return `${host}${pathWord(path)}`
}

export function pathWord({ kind, value }: RouteMatch['path']): string {
  return kind === 'prefix' ? `${value.replace(/\/+$/, '')}/*` : value
}

/** Share of each target, 0 to 1. */
export function shares(targets: readonly Pick<Target, 'weight'>[]): number[] {
  const sum = targets.reduce((total, { weight }) => total + weight, 0)
  return targets.map(({ weight }) => (sum === 0 ? 0 : weight / sum))
}

export function targetWord({ service, addresses }: Pick<Target, 'service' | 'addresses'>): string {
  if (service !== null) return service
  const [first, ...more] = addresses
  return first === undefined ? 'nobody' : more.length === 0 ? first : `${first} +${more.length}`
}

/** `orders`, `orders 90%, orders-v2 10%` */
export function targetsWord(targets: readonly Target[]): string {
  if (targets.length === 1) return targetWord(targets[0] as Target)
  const share = shares(targets)
  return targets.map((target, i) => `${targetWord(target)} ${formatShare(share[i] as number)}`).join(', ')
}

/** A sentence: `GET and POST to api.example.org/orders and below` */
export function takesWord({ hosts, path, methods, headers }: RouteMatch): string {
  const to = hosts.length === 0 ? 'any host' : listed(hosts, 'or')
  const where =
    path.kind === 'exact'
      ? `exactly ${path.value}`
      : path.kind === 'prefix'
        ? path.value === '/'
          ? 'any path'
          : `${path.value.replace(/\/+$/, '')} and below`
        : `paths like ${path.value}`
  const having = headers.map(({ name, value }) => (value === null ? name : `${name}: ${value}`))
  return `${methods.length === 0 ? 'Any method' : listed(methods, 'and')} to ${to}, ${where}${having.length === 0 ? '' : `, with ${listed(having, 'and')}`}`
}

function listed(words: readonly string[], last: 'and' | 'or'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

export const BALANCE_WORDS: Record<RouteSpec['balance']['by'], { label: string; words: string }> = {
  'least-load': {
    label: 'least load',
    words: 'The better of two, by latency and what is in flight. Failures count as slow.',
  },
  'round-robin': { label: 'round robin', words: 'Each in turn.' },
  'least-in-flight': { label: 'least in flight', words: 'The one with the fewest requests under way.' },
  hash: { label: 'hash', words: 'The same client, or the same value of a header, keeps going to the same instance.' },
}

/** Who ended a request that the service did not answer itself. */
export const REFUSAL_WORDS: Record<Refusal, { word: string; means: string }> = {
  'no-route': { word: 'no route', means: 'no route takes such requests' },
  'bad-request': { word: 'bad request', means: 'it was not one that may be passed on' },
  'no-instance': { word: 'no instance', means: 'no instance could take it' },
  breaker: { word: 'breaker', means: 'a breaker is open' },
  limit: { word: 'limit', means: 'a rate, concurrency or body limit' },
  timeout: { word: 'timeout', means: 'no answer in time' },
  upstream: { word: 'upstream', means: 'the connection to the service failed' },
  auth: { word: 'auth', means: 'no valid key or token' },
  fault: { word: 'fault', means: 'made on purpose' },
  client: { word: 'client left', means: 'the client was gone first' },
  gateway: { word: 'gateway', means: 'a defect or the end of the gateway itself' },
}

export const CLASS_WORDS = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const

export function requestState({ status, refusal }: Pick<RequestEntry, 'status' | 'refusal'>): State {
  if (status === null) return 'unknown'
  if (status >= 500) return 'unhealthy'
  if (status >= 400 || refusal !== null) return 'warning'
  return 'healthy'
}

export const statusWord = ({ status }: Pick<RequestEntry, 'status'>): string =>
  status === null ? 'no answer' : String(status)

/** `route orders-api`, `calls of orders to payments` */
export function faultOn({ target }: Pick<Fault, 'target'>): string {
  return 'route' in target ? `route ${target.route}` : `calls of ${target.caller} to ${target.callee}`
}

/** `300 ms later, then answered 503, for half of them` */
export function faultDoes({ delayMs, abortStatus, share }: Pick<Fault, 'delayMs' | 'abortStatus' | 'share'>): string {
  const does = [
    delayMs > 0 ? `${formatMs(delayMs)} later` : null,
    abortStatus === null ? null : `answered ${abortStatus} in the service’s place`,
  ].filter((word) => word !== null)
  return `${does.join(', then ')}, ${share >= 1 ? 'all of them' : `${formatShare(share)} of them`}`
}

export function isOnRoute({ target }: Pick<Fault, 'target'>, id: string): boolean {
  return 'route' in target && target.route === id
}

const BYTES = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

export function formatBytes(bytes: number): string {
  let at = 0
  let n = bytes
  while (n >= 1_024 && at < BYTES.length - 1) {
    n /= 1_024
    at++
  }
  return `${at === 0 || n >= 99.5 ? Math.round(n) : n.toFixed(1).replace(/\.0$/, '')} ${BYTES[at]}`
}

export const who = (actor: string) => actor.replace(/^user:/, '')
