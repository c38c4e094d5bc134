/** Is a route one that the gateway can take? Everything that is wrong at once, in words. */
import { ValidationError } from '../errors.ts'
import { BUILT_IN_MIDDLEWARE, findMiddleware, type MiddlewareSpec } from './catalog.ts'
import { checkConfig } from './fields.ts'
import { collide } from './match.ts'
import { normalisePath } from './path.ts'
import { type RouteSpec, STEPS_MAX, type Step } from './route.ts'

const HOST = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$|^\[[0-9a-f:]+\]$/
const ADDRESS = /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/
const PARAM = /^:[A-Za-z][A-Za-z0-9_]{0,31}$/

/**
 * The route with the defaults of its middlewares filled in. `others`: the routes that it will stand beside; `custom`:
 * middlewares besides the built-in ones.
 * @throws ValidationError that names everything that is wrong
 */
export function checkRoute(
  route: RouteSpec,
  others: readonly RouteSpec[],
  custom: readonly MiddlewareSpec[] = [],
): RouteSpec {
  const problems = [...wrongMatch(route), ...wrongTargets(route)]
  const middleware = route.middleware.map((step, i): Step => {
    const spec = findMiddleware(step.use, custom)
    if (!spec) {
      const known = [...BUILT_IN_MIDDLEWARE, ...custom].map(({ name }) => name).join(', ')
      problems.push(`middleware ${i + 1}: there is no "${step.use}". There are: ${known}.`)
      return step
    }
    if (!spec.repeatable && route.middleware.findIndex(({ use }) => use === step.use) !== i) {
      problems.push(`middleware ${i + 1}: "${step.use}" may stand in a chain only once`)
    }
    const { config, problems: wrong } = checkConfig(spec.fields, step.config)
    problems.push(...wrong.map((text) => `middleware ${i + 1} (${step.use}): ${text}`))
    return { use: step.use, config }
  })
  if (route.middleware.length > STEPS_MAX) problems.push(`middleware: at most ${STEPS_MAX} in a chain`)
  const twin = others.find((other) => collide(route, other))
  if (twin)
    problems.push(
      `match: "${twin.id}" takes the same requests. Give one of them a higher priority, or change what it matches.`,
    )
  if (problems.length > 0) {
    throw new ValidationError(
      `Route "${route.id}" cannot be taken:\n${problems.map((text) => `- ${text}`).join('\n')}`,
      {
        details: { problems: problems.length },
      },
    )
  }
  return { ...route, middleware }
}

function wrongMatch({ match, rewrite }: RouteSpec): string[] {
  const problems: string[] = []
  for (const host of match.hosts) {
    if (!HOST.test(host))
      problems.push(`hosts: "${host}" is not a host name in lower case, such as api.example.org or *.example.org`)
  }
  const { kind, value } = match.path
  const segments = value.split('/').slice(1)
  const plain = kind === 'pattern' ? value.replaceAll(/\/:[^/]*/g, '/x').replace(/\/\*$/, '/x') : value
  const normal = normalisePath(plain)
  if (typeof normal !== 'string') problems.push(`path: ${normal.refused}`)
  else if (normal !== plain)
    problems.push(`path: requests never have "${value}" after they are normalised; did you mean "${normal}"?`)
  if (kind === 'pattern') {
    const names = segments.filter((segment) => segment.startsWith(':'))
    for (const name of names) if (!PARAM.test(name)) problems.push(`path: "${name}" is not a name such as ":id"`)
    if (new Set(names).size !== names.length) problems.push('path: a name stands in it twice')
    if (segments.slice(0, -1).includes('*')) problems.push('path: "*" can only stand at the end')
  }
  for (const method of match.methods) {
    if (!/^[A-Z]{1,20}$/.test(method)) problems.push(`methods: "${method}" is not a method in capitals, such as GET`)
    if (method === 'CONNECT' || method === 'TRACE') problems.push(`methods: ${method} never passes the gateway`)
  }
  if (rewrite.path !== null) {
    if (kind === 'pattern') problems.push('rewrite: a pattern cannot be rewritten; use a prefix or an exact path')
    const to = normalisePath(rewrite.path)
    if (typeof to !== 'string' || to !== rewrite.path) problems.push('rewrite: must be a path such as "/" or "/v2"')
  }
  return problems
}

function wrongTargets({ targets, balance }: RouteSpec): string[] {
  const problems: string[] = []
  if (targets.length === 0) problems.push('targets: give a service or addresses')
  for (const [i, target] of targets.entries()) {
    if ((target.service === null) === (target.addresses.length === 0)) {
      problems.push(`targets: number ${i + 1} needs either a service or addresses`)
    }
    for (const address of target.addresses) {
      const port = Number(ADDRESS.exec(address)?.[3])
      if (!(port > 0 && port < 65_536)) problems.push(`targets: "${address}" is not an address such as 10.0.0.5:8080`)
    }
  }
  if (targets.length > 0 && targets.every(({ weight }) => weight === 0)) problems.push('targets: all weights are 0')
  if (balance.hashHeader !== '' && balance.by !== 'hash') problems.push('balance: a header to hash by needs "hash"')
  return problems
}
