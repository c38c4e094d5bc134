/** Changing the gateway's configuration: rows, a revision, entries in the journal and the audit trail, in one transaction. */
import { createHash } from 'node:crypto'
import { ConflictError, NotFoundError, ValidationError } from '../../core/errors.ts'
import type { MiddlewareSpec } from '../../core/gateway/catalog.ts'
import { findMiddleware } from '../../core/gateway/catalog.ts'
import { checkRoute } from '../../core/gateway/check-route.ts'
import type { FieldValue } from '../../core/gateway/fields.ts'
import { ROUTES_MAX, type Route, type RouteSpec, routeKey, type Step } from '../../core/gateway/route.ts'
import type { Tx } from '../../db/store.ts'

/** Revisions kept to go back to. */
export const REVISIONS_MAX = 1_000

export interface PutRoute {
  route: RouteSpec
  reason: string
  /** the revision that the change was made from; 0: the route is new */
  expectedRevision: number
}

/** @throws ConflictError when the route is not at `expectedRevision`, ValidationError that names all that is wrong */
export async function putRoute(tx: Tx, change: PutRoute, custom: readonly MiddlewareSpec[]): Promise<Route> {
  const { reason, expectedRevision } = change
  const before = await tx.q.gateway.route(change.route.id)
  assertRevision(change.route.id, before, expectedRevision)
  const others = (await tx.q.gateway.routes()).filter(({ id }) => id !== change.route.id)
  if (!before && others.length >= ROUTES_MAX) {
    throw new ValidationError(`There are ${ROUTES_MAX} routes already. Remove one that nobody uses first.`)
  }
  const asked = { ...change.route, middleware: change.route.middleware.map((step) => hashKeys(step, before, custom)) }
  const checked = checkRoute(asked, others, custom)
  const [after] = await revise(tx, { reason, rolledBackTo: null }, [{ before, after: checked, id: checked.id }])
  return after as Route
}

/** @throws NotFoundError, ConflictError */
export async function removeRoute(
  tx: Tx,
  { id, reason, expectedRevision }: { id: string; reason: string; expectedRevision: number },
): Promise<Route> {
  const before = await tx.q.gateway.route(id)
  if (!before) throw new NotFoundError(`There is no route "${id}", or somebody has removed it.`)
  assertRevision(id, before, expectedRevision)
  await revise(tx, { reason, rolledBackTo: null }, [{ before, after: null, id }])
  return before
}

/**
 * Makes the configuration what it was at a revision, as a new one. Returns its number and the routes that changed.
 * @throws NotFoundError (older than what is kept), ConflictError when it is not at `expectedRevision` or is that already
 */
export async function rollBack(
  tx: Tx,
  options: { to: number; reason: string; expectedRevision: number },
  custom: readonly MiddlewareSpec[],
): Promise<{ revision: number; routes: string[] }> {
  const { to, reason, expectedRevision } = options
  const now = await tx.q.gateway.revision()
  if (now !== expectedRevision) {
    const [last] = await tx.q.gateway.revisions(null, 1)
    throw new ConflictError(
      `The configuration is at revision ${now} now, changed by ${last?.actor ?? 'somebody'}: "${last?.reason ?? ''}". Look at it, then go back again if you still want to.`,
      { details: { revision: now } },
    )
  }
  const oldest = await tx.q.gateway.oldest()
  if (to >= now || oldest === null || to < oldest - 1) {
    throw new NotFoundError(
      `There is no revision ${to} to go back to: those from ${oldest ?? 0} to ${now - 1} are kept.`,
    )
  }
  // Of what came later, the first change of each route says what it was before.
  const wanted = new Map<string, Route | null>()
  for (const row of await tx.q.gateway.after(to)) if (!wanted.has(row.route)) wanted.set(row.route, row.before)
  const present = new Map((await tx.q.gateway.routes()).map((route) => [route.id, route]))
  const changes = [...wanted].flatMap(([id, after]) => {
    const before = present.get(id) ?? null
    return same(before, after) ? [] : [{ id, before, after }]
  })
  if (changes.length === 0) throw new ConflictError(`The configuration is the same as at revision ${to} already.`)
  const after = new Map(present)
  for (const change of changes) {
    if (change.after) after.set(change.id, change.after)
    else after.delete(change.id)
  }
  for (const change of changes) {
    if (change.after)
      checkRoute(
        change.after,
        [...after.values()].filter(({ id }) => id !== change.id),
        custom,
      )
  }
  await revise(tx, { reason, rolledBackTo: to }, changes)
  return { revision: now + 1, routes: changes.map(({ id }) => id) }
}

interface Change {
  id: string
  before: Route | null
  after: RouteSpec | null
}

async function revise(
  tx: Tx,
  { reason, rolledBackTo }: { reason: string; rolledBackTo: number | null },
  changes: readonly Change[],
): Promise<(Route | null)[]> {
  const revision = (await tx.q.gateway.revision()) + 1
  const by = { at: tx.now, actor: tx.origin.actor, reason }
  const routes: (Route | null)[] = []
  for (const { id, before, after: spec } of changes) {
    const after = spec && { ...spec, revision, updatedAt: tx.now, updatedBy: tx.origin.actor, reason }
    if (after) await tx.q.gateway.put(after)
    else await tx.q.gateway.remove(id)
    await tx.q.gateway.addRevision([{ revision, route: id, ...by, rolledBackTo, before, after }])
    const done =
      rolledBackTo !== null ? `back at revision ${rolledBackTo}` : !after ? 'removed' : before ? 'changed' : 'added'
    const event = await tx.emit({
      kind: !after ? 'route.removed' : before ? 'route.changed' : 'route.created',
      key: routeKey(id),
      service: null,
      summary: `Route ${id} ${done}, revision ${revision}: ${reason}`,
      value: after && told(after),
    })
    await tx.audit({
      action: rolledBackTo !== null ? 'gateway.rollBack' : after ? 'gateway.routes.put' : 'gateway.routes.remove',
      target: routeKey(id),
      reason,
      before: before && told(before),
      after: after && told(after),
      seq: event.seq,
    })
    routes.push(after)
  }
  await tx.q.gateway.prune(revision - REVISIONS_MAX)
  return routes
}

/** As people see it: keys without what they are compared with. */
export function told<R extends RouteSpec>(route: R): R {
  return {
    ...route,
    middleware: route.middleware.map((step) => ({
      use: step.use,
      config: Object.fromEntries(
        Object.entries(step.config).map(([name, value]): [string, FieldValue] => [
          name,
          isKeys(value) ? value.map(([who]): [string, string] => [who, KEPT]) : value,
        ]),
      ),
    })),
  }
}

/** Stands in the place of a key that is there already and stays. */
export const KEPT = '(kept)'
const HASHED = 'sha256:'

function isKeys(value: unknown): value is readonly (readonly [string, string])[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((v) => Array.isArray(v) && String(v[1]).startsWith(HASHED))
  )
}

/** Keys are kept as hashes; one that comes back as it was shown stays what it is. */
function hashKeys(step: Step, before: Route | null, custom: readonly MiddlewareSpec[]): Step {
  const spec = findMiddleware(step.use, custom)
  const names = spec?.fields.filter((field) => field.kind === 'keys').map(({ name }) => name) ?? []
  if (names.length === 0) return step
  const old = before?.middleware.find(({ use }) => use === step.use)
  const config = { ...step.config }
  for (const name of names) {
    const value = config[name]
    if (!Array.isArray(value)) continue
    const kept = new Map((old?.config[name] as [string, string][] | undefined) ?? [])
    config[name] = (value as [string, string][]).map((pair): [string, string] => {
      if (!Array.isArray(pair) || pair.length !== 2) return pair
      const [who, key] = pair
      if (key === KEPT && kept.has(who)) return [who, kept.get(who) as string]
      if (typeof key !== 'string' || key === KEPT || key.length < 16) {
        throw new ValidationError(
          `${step.use}: the key "${who}" needs at least 16 characters, such as the output of: openssl rand -hex 16`,
        )
      }
      return [who, HASHED + createHash('sha256').update(key).digest('hex')]
    })
  }
  return { use: step.use, config }
}

function same(a: Route | null, b: Route | null): boolean {
  if (a === null || b === null) return a === b
  const bare = ({ revision: _r, updatedAt: _a, updatedBy: _b, reason: _c, ...spec }: Route) => JSON.stringify(spec)
  return bare(a) === bare(b)
}

function assertRevision(id: string, before: Route | null, expected: number): void {
  if ((before?.revision ?? 0) === expected) return
  if (!before) {
    throw new ConflictError(`Route "${id}" was removed by somebody else meanwhile.`, { details: { id, revision: 0 } })
  }
  throw new ConflictError(
    expected === 0
      ? `There is a route "${id}" already, set by ${before.updatedBy}. Choose another id, or change that one.`
      : `Route "${id}" was changed by ${before.updatedBy} meanwhile, "${before.reason}". Look at what they set, then make your change again.`,
    { details: { id, revision: before.revision, by: before.updatedBy, at: before.updatedAt } },
  )
}
