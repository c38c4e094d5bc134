/** The settings: read from the environment once, at start. A wrong value says which variable and what to do. */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ValidationError } from '../core/errors.ts'
import { hostForUrl, isLoopbackHost, parseNetwork } from './outbound/networks.ts'

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface Config {
  host: string
  /** 0: any free port; see `withPort` */
  port: number
  /** true while only this machine can connect */
  loopback: boolean
  /** the operator's explicit wish to be reachable from elsewhere */
  allowRemote: boolean
  databaseUrl: string
  /** the file behind `databaseUrl`, absolute */
  databasePath: string
  /** a bearer token with the admin role, for scripts and tests */
  adminToken: string | null
  /** networks that outgoing calls may reach besides the private ones, in CIDR notation */
  outboundAllow: readonly string[]
  logLevel: LogLevel
  /** proxies in front of it that may speak for clients, in CIDR notation */
  trustedProxies: readonly string[]
  /** where people open the dashboard, without a trailing slash */
  publicUrl: string
  /** what the browser may send as Origin */
  origins: readonly string[]
  journal: {
    retentionDays: number
    eventsMax: number
  }
  gateway: {
    host: string
    /** 0: any free one */
    port: number
    /** 0: no gateway is started */
    workers: number
    /** proxies in front of it that may speak for clients, in CIDR notation */
    trusted: readonly string[]
    /** a module with middlewares of one's own */
    middleware: string | null
  }
  /** `--demo`: run the demo fleet too */
  demo: boolean
  /** `--dev`: hot reload */
  dev: boolean
  /** HOLDFAST_PUBLIC_URL and HOLDFAST_ORIGINS as given, from which `publicUrl` and `origins` come */
  asked: { publicUrl: string | null; origins: readonly string[] }
}

const HOSTNAME = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/

const whole = (min: number, max: number, what: string) =>
  z
    .string()
    .regex(/^\d{1,10}$/, what)
    .transform(Number)
    .refine((value) => value >= min && value <= max, what)

const flag = z
  .enum(['1', 'true', 'yes', '0', 'false', 'no'], 'Use 1 or 0.')
  .transform((v) => ['1', 'true', 'yes'].includes(v))

const list = z
  .string()
  .transform((text) => text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])))

const SETTINGS = z.object({
  HOLDFAST_HOST: z
    .string()
    .refine((host) => isIP(host) !== 0 || HOSTNAME.test(host), 'Use an address to listen on, such as 127.0.0.1 or ::1.')
    .default('127.0.0.1'),
  HOLDFAST_PORT: whole(0, 65_535, 'Use a port from 1 to 65535, or 0 for any free one.').default(3000),
  HOLDFAST_DATABASE_URL: z
    .string()
    .refine(
      (url) => url.startsWith('file:'),
      'Only SQLite files are supported: use file: and a path, such as file:./data/holdfast.db.',
    )
    .refine((url) => databasePath(url) !== null, 'Give a path after file:, such as file:./data/holdfast.db.')
    .default('file:./data/holdfast.db'),
  HOLDFAST_GATEWAY_HOST: z
    .string()
    .refine(
      (host) => isIP(host) !== 0 || HOSTNAME.test(host),
      'Use an address to listen on, such as 127.0.0.1 or 0.0.0.0.',
    )
    .default('127.0.0.1'),
  HOLDFAST_GATEWAY_PORT: whole(0, 65_535, 'Use a port from 1 to 65535, or 0 for any free one.').default(8080),
  HOLDFAST_GATEWAY_WORKERS: whole(0, 64, 'Use a number from 1 to 64, or 0 to start no gateway.').default(1),
  HOLDFAST_GATEWAY_TRUSTED: list
    .superRefine((texts, ctx) => {
      for (const text of texts) {
        if (!parseNetwork(text)) ctx.addIssue(`"${text}" is not a network. Use CIDR notation, such as 10.0.0.0/8.`)
      }
    })
    .default([]),
  HOLDFAST_GATEWAY_MIDDLEWARE: z.string().optional(),
  HOLDFAST_ADMIN_TOKEN: z
    .string()
    .min(32, 'Use at least 32 characters, such as the output of: openssl rand -hex 32')
    .max(512, 'Use at most 512 characters.')
    .regex(/^[\x21-\x7e]*$/, 'Use printable ASCII without spaces, so that it fits in an HTTP header.')
    .optional(),
  HOLDFAST_OUTBOUND_ALLOW: list
    .superRefine((texts, ctx) => {
      for (const text of texts) {
        if (!parseNetwork(text)) {
          ctx.addIssue(`"${text}" is not a network. Use CIDR notation without host bits, such as 203.0.113.0/24.`)
        }
      }
    })
    .default([]),
  HOLDFAST_TRUSTED_PROXIES: list
    .superRefine((texts, ctx) => {
      for (const text of texts) {
        if (!parseNetwork(text)) ctx.addIssue(`"${text}" is not a network. Use CIDR notation, such as 127.0.0.1/32.`)
      }
    })
    .default([]),
  HOLDFAST_LOG_LEVEL: z.enum(LOG_LEVELS, `Use one of ${LOG_LEVELS.join(', ')}.`).default('info'),
  HOLDFAST_ALLOW_REMOTE: flag.default(false),
  HOLDFAST_PUBLIC_URL: z
    .string()
    .refine(isOrigin, 'Use scheme, host and port only, such as https://holdfast.example.org.')
    .optional(),
  HOLDFAST_ORIGINS: list
    .superRefine((texts, ctx) => {
      for (const text of texts) {
        if (!isOrigin(text)) {
          ctx.addIssue(`"${text}" is not an origin. Use scheme, host and port only, such as https://ops.example.org.`)
        }
      }
    })
    .default([]),
  HOLDFAST_JOURNAL_RETENTION_DAYS: whole(1, 3650, 'Use a number of days from 1 to 3650.').default(30),
  HOLDFAST_JOURNAL_MAX_EVENTS: whole(1_000, 1_000_000_000, 'Use a number from 1000 to 1000000000.').default(2_000_000),
})

const FLAGS = ['--demo', '--dev'] as const

/**
 * The settings of this process. An empty variable counts as not set. `argv`: arguments after the script's name.
 * @throws ValidationError naming every wrong variable and what to do
 */
export function parseConfig(env: Record<string, string | undefined>, argv: readonly string[] = []): Config {
  const given = Object.fromEntries(
    Object.keys(SETTINGS.shape).flatMap((name) => {
      const value = env[name]?.trim()
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  const parsed = SETTINGS.safeParse(given)
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => {
        const name = String(issue.path[0])
        // A secret is never repeated on the screen or in a log.
        const shown = name === 'HOLDFAST_ADMIN_TOKEN' ? '' : ` is "${given[name]?.slice(0, 200)}"`
        return `${name}${shown}: ${issue.message}`
      })
  for (const argument of argv) {
    if (!FLAGS.includes(argument as (typeof FLAGS)[number])) {
      problems.push(`"${argument}" is not an option. Known options: ${FLAGS.join(', ')}.`)
    }
  }
  if (!parsed.success || problems.length > 0) throw new ValidationError(problems.join('\n'))
  const s = parsed.data
  const asked = {
    publicUrl: s.HOLDFAST_PUBLIC_URL === undefined ? null : new URL(s.HOLDFAST_PUBLIC_URL).origin,
    origins: s.HOLDFAST_ORIGINS.map((text) => new URL(text).origin),
  }
  return {
    host: s.HOLDFAST_HOST,
    port: s.HOLDFAST_PORT,
    loopback: isLoopbackHost(s.HOLDFAST_HOST),
    allowRemote: s.HOLDFAST_ALLOW_REMOTE,
    databaseUrl: s.HOLDFAST_DATABASE_URL,
    databasePath: databasePath(s.HOLDFAST_DATABASE_URL) as string,
    adminToken: s.HOLDFAST_ADMIN_TOKEN ?? null,
    outboundAllow: s.HOLDFAST_OUTBOUND_ALLOW,
    logLevel: s.HOLDFAST_LOG_LEVEL,
    trustedProxies: s.HOLDFAST_TRUSTED_PROXIES,
    ...addresses(s.HOLDFAST_HOST, s.HOLDFAST_PORT, asked),
    journal: { retentionDays: s.HOLDFAST_JOURNAL_RETENTION_DAYS, eventsMax: s.HOLDFAST_JOURNAL_MAX_EVENTS },
    gateway: {
      host: s.HOLDFAST_GATEWAY_HOST,
      port: s.HOLDFAST_GATEWAY_PORT,
      workers: s.HOLDFAST_GATEWAY_WORKERS,
      trusted: s.HOLDFAST_GATEWAY_TRUSTED,
      middleware: s.HOLDFAST_GATEWAY_MIDDLEWARE === undefined ? null : resolve(s.HOLDFAST_GATEWAY_MIDDLEWARE),
    },
    demo: argv.includes('--demo'),
    dev: argv.includes('--dev'),
    asked,
  }
}

/** The same settings on the port that was found free: for `HOLDFAST_PORT=0`. */
export function withPort(config: Config, port: number): Config {
  return { ...config, port, ...addresses(config.host, port, config.asked) }
}

/**
 * May the server listen there? Another address than loopback needs the explicit flag and somebody who can sign in as
 * admin, so that no open installation can be claimed by whoever comes first.
 * @throws ValidationError
 */
export function assertBindable(config: Config, hasAdmin: boolean): void {
  if (config.loopback) return
  if (!config.allowRemote) {
    throw new ValidationError(
      `HOLDFAST_HOST is "${config.host}", which other machines can reach. ` +
        'Set HOLDFAST_ALLOW_REMOTE=1 to accept that, or leave HOLDFAST_HOST at 127.0.0.1.',
    )
  }
  if (!hasAdmin && config.adminToken === null) {
    throw new ValidationError(
      `HOLDFAST_HOST is "${config.host}", which other machines can reach, and there is no admin yet. ` +
        'Start once on 127.0.0.1 and sign in with the link it prints, or set HOLDFAST_ADMIN_TOKEN.',
    )
  }
}

function addresses(host: string, port: number, asked: Config['asked']): Pick<Config, 'publicUrl' | 'origins'> {
  const own = `http://${hostForUrl(host)}:${port}`
  // An unspecified address is where one listens, not where a browser comes from.
  const names = host === '0.0.0.0' || host === '::' ? [] : [own]
  const local = isLoopbackHost(host) || names.length === 0
  if (local) names.push(`http://127.0.0.1:${port}`, `http://localhost:${port}`)
  const publicUrl = asked.publicUrl ?? names[0] ?? own
  return { publicUrl, origins: [...new Set([publicUrl, ...names, ...asked.origins].map((url) => new URL(url).origin))] }
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  const bare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
  return (url.protocol === 'http:' || url.protocol === 'https:') && bare
}

function databasePath(url: string): string | null {
  try {
    if (url.startsWith('file://')) return fileURLToPath(url)
  } catch {
    return null
  }
  const path = url.slice('file:'.length)
  return path === '' || path.endsWith('/') || path.includes('?') ? null : resolve(path)
}
