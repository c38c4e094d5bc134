/** The routes, made ready to run: what a revision of the configuration becomes in a worker. */
import type { MiddlewareSpec } from '../core/gateway/catalog.ts'
import { checkRoute } from '../core/gateway/check-route.ts'
import { type Answer as Match, Matcher, type Question } from '../core/gateway/match.ts'
import type { Route, RouteSpec } from '../core/gateway/route.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { Middleware, MiddlewareKind, Next } from './middleware.ts'
import { proxy } from './proxy.ts'
import { RouteStats } from './route-stats.ts'
import type { Services } from './services.ts'
import type { Chooser, Group } from './upstreams.ts'

export interface CompiledRoute {
  readonly id: string
  readonly spec: Route
  readonly chooser: Chooser
  readonly hashHeader: string
  readonly keepHost: boolean
  readonly stats: RouteStats
  /** a target by weight, for a number drawn from 0 to 1 */
  group(drawn: number): Group
  rewrite(path: string): string
  run(context: Exchange): Promise<Answer>
  /** the one service it goes to; null: several, or fixed addresses */
  readonly onlyService: string | null
  /** the middlewares that come first are the outermost */
  readonly middleware: readonly { name: string; config: string; made: Middleware }[]
}

export interface TableProblem {
  route: string
  problem: string
}

export class Table {
  readonly revision: number
  readonly problems: readonly TableProblem[]
  readonly routes: ReadonlyMap<string, CompiledRoute>
  readonly #matcher: Matcher<CompiledRoute>

  private constructor(revision: number, routes: Map<string, CompiledRoute>, problems: TableProblem[]) {
    this.revision = revision
    this.routes = routes
    this.problems = problems
    this.#matcher = new Matcher([...routes.values()].map((route) => ({ spec: route.spec, route })))
  }

  static readonly empty = new Table(0, new Map(), [])

  match(question: Question): Match<CompiledRoute> {
    return this.#matcher.match(question)
  }

  /**
   * The table of a configuration. Routes that have not changed are taken over with all they hold; a route that cannot be made
   * stays what it was in `before`, or is left out, and is told of.
   */
  static compile(
    config: { revision: number; routes: readonly Route[] },
    kinds: ReadonlyMap<string, MiddlewareKind>,
    services: Services,
    before: Table,
  ): Table {
    const problems: TableProblem[] = []
    const routes = new Map<string, CompiledRoute>()
    const custom: MiddlewareSpec[] = [...kinds.values()].map(({ spec }) => spec)
    for (const route of config.routes) {
      const old = before.routes.get(route.id)
      if (old && JSON.stringify(old.spec) === JSON.stringify(route)) {
        routes.set(route.id, old)
        continue
      }
      try {
        const checked = { ...route, ...checkRoute(route, [], custom) }
        routes.set(route.id, compileRoute(checked, kinds, services, old ?? null))
      } catch (error) {
        problems.push({
          route: route.id,
          problem: error instanceof Error ? error.message.slice(0, 500) : String(error),
        })
        if (old) routes.set(route.id, old)
      }
    }
    const table = new Table(config.revision, routes, problems)
    const kept = new Set<Middleware>()
    for (const { middleware } of routes.values()) for (const { made } of middleware) kept.add(made)
    for (const { middleware } of before.routes.values()) {
      for (const { made } of middleware) if (!kept.has(made)) made.close?.()
    }
    return table
  }
}

function compileRoute(
  spec: Route,
  kinds: ReadonlyMap<string, MiddlewareKind>,
  services: Services,
  old: CompiledRoute | null,
): CompiledRoute {
  const middleware = spec.middleware.map(({ use, config }) => {
    const kind = kinds.get(use)
    if (!kind) throw new Error(`this gateway has no middleware "${use}"`)
    const text = JSON.stringify(config)
    const same = old?.middleware.find((one) => one.name === use && one.config === text)
    if (same) return same
    const before = old?.middleware.find((one) => one.name === use)?.made ?? null
    return { name: use, config: text, made: kind.create(config, services, before) }
  })
  const terminal: Next = (context) => proxy(context, services)
  const run = middleware.reduceRight<Next>((next, { name, made }) => link(name, made, next), terminal)
  return {
    id: spec.id,
    spec,
    chooser: { balance: spec.balance, turn: 0 },
    hashHeader: spec.balance.hashHeader,
    keepHost: spec.rewrite.host === 'client',
    stats: old?.stats ?? new RouteStats(spec.id),
    group: groupOf(spec, services),
    rewrite: rewriterOf(spec),
    run,
    onlyService: onlyServiceOf(spec),
    middleware,
  }
}

/** `next` is the same for every request of a chain, so that running it allocates nothing but its promises. */
function link(name: string, made: Middleware, next: Next): Next {
  return (context) => {
    if (context.probe === null) return made.process(context, next)
    return traced(context, name, () => made.process(context, next))
  }
}

/** The same with the time of each step written down. */
async function traced(context: Exchange, name: string, run: () => Promise<Answer>): Promise<Answer> {
  const { steps, running } = context.probe as NonNullable<Exchange['probe']>
  const step = { name, startMs: performance.now() - context.marks.startMs, endMs: 0, did: '' }
  if (steps.length < 100) steps.push(step)
  running.push(step)
  try {
    return await run()
  } catch (error) {
    if (step.did === '' && error instanceof Error) step.did = error.message
    throw error
  } finally {
    running.splice(running.indexOf(step), 1)
    step.endMs = performance.now() - context.marks.startMs
  }
}

function groupOf(spec: RouteSpec, { upstreams }: Services): (drawn: number) => Group {
  const targets = spec.targets
    .filter(({ weight }) => weight > 0)
    .map((target) => ({
      weight: target.weight,
      group: target.service === null ? upstreams.addresses(target.addresses) : upstreams.service(target.service),
    }))
  if (targets.length === 1) {
    const { group } = targets[0] as (typeof targets)[number]
    return () => group
  }
  const total = targets.reduce((sum, { weight }) => sum + weight, 0)
  return (drawn) => {
    let left = drawn * total
    for (const { weight, group } of targets) {
      left -= weight
      if (left < 0) return group
    }
    return (targets.at(-1) as (typeof targets)[number]).group
  }
}

function rewriterOf({ match: { path }, rewrite }: RouteSpec): (path: string) => string {
  const { path: to } = rewrite
  if (to === null) return (asked) => asked
  if (path.kind === 'exact') return () => to
  const from = path.value.replace(/\/+$/, '')
  const base = to.replace(/\/+$/, '')
  return (asked) => {
    const rest = asked.slice(from.length)
    return rest === '' ? to : `${base}${rest.startsWith('/') ? rest : `/${rest}`}`
  }
}

function onlyServiceOf({ targets }: RouteSpec): string | null {
  const services = new Set(targets.filter(({ weight }) => weight > 0).map(({ service }) => service))
  return services.size === 1 ? ([...services][0] ?? null) : null
}
