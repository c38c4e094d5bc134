/** Bounded shapes of what comes in, shared by the routers. */
import { isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { HEALTH_STATES } from '../../core/instance.ts'

/** Letters, digits, dot, dash, underscore; begins and ends with a letter or digit. */
export const name = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'letters, digits, ".", "_" and "-", such as "payments-2"')

export const instanceId = z
  .string()
  .min(1)
  .max(160)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?$/, 'letters, digits, ".", "_", ":" and "-"')

const label = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}]+$/u, 'no control characters')
const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'no control characters')

/** Why somebody does something; kept in the audit trail. */
export const reason = text(500).trim().min(3, 'say why, in at least 3 characters')

export const address = z
  .string()
  .max(260)
  .refine(isAddress, 'host:port, such as "10.0.0.7:8080", "[::1]:8080" or "db.internal:5432"')

function isAddress(value: string): boolean {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:/@\s]+)):(\d{1,5})$/.exec(value)
  if (!match) return false
  const port = Number(match[3])
  if (port < 1 || port > 65_535) return false
  if (match[1] !== undefined) return isIPv6(match[1])
  const host = match[2] as string
  if (/^[\d.]+$/.test(host)) return isIPv4(host)
  return /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/.test(
    host,
  )
}

export const metadata = z
  .record(z.string().min(1).max(64), text(512))
  .refine((value) => Object.keys(value).length <= 32, 'at most 32 entries')

export const tags = z.array(label).max(32)

export const check = z
  .object({
    http: z
      .string()
      .max(512)
      .regex(/^\/[\x21-\x7e]*$/, 'a path that begins with "/"')
      .optional(),
    tcp: z.boolean().optional(),
    intervalMs: z.number().int().min(500).max(3_600_000).default(10_000),
    timeoutMs: z.number().int().min(50).max(60_000).default(2_000),
    successThreshold: z.number().int().min(1).max(20).default(2),
    failureThreshold: z.number().int().min(1).max(20).default(3),
  })
  .refine((c) => (c.http !== undefined) !== (c.tcp === true), 'set either http (a path) or tcp (true)')
  .refine((c) => c.timeoutMs <= c.intervalMs, 'timeoutMs must not exceed intervalMs')

export const registration = z.object({
  /** defaults to the name and the address */
  id: instanceId.optional(),
  name,
  address,
  zone: label.nullish(),
  version: label.nullish(),
  tags: tags.default([]),
  weight: z.number().int().min(0).max(1000).default(100),
  metadata: metadata.default({}),
  ttlMs: z.union([z.literal(0), z.number().int().min(1_000).max(3_600_000)]).default(15_000),
  check: check.nullish(),
  deregisterAfterMs: z
    .union([
      z.literal(0),
      z
        .number()
        .int()
        .min(60_000)
        .max(30 * 86_400_000),
    ])
    .default(3_600_000),
  /** a value that one start of one process keeps; lets a restart take over its id at once */
  incarnation: z.string().min(1).max(64).optional(),
})
export type Registration = z.output<typeof registration>

export const heartbeat = z.object({
  id: instanceId,
  generation: z.number().int().positive(),
  status: z.enum(['ok', 'warning', 'draining']).default('ok'),
  note: text(200).default(''),
})

export const discovery = z.object({
  name,
  tags: tags.optional(),
  metadata: metadata.optional(),
  zone: label.optional(),
  /** `routable`: what traffic may be sent to; `all`: every instance with its state */
  health: z.enum(['routable', 'all']).default('routable'),
  limit: z.number().int().min(1).max(1000).default(1000),
})

export const serviceFilter = z.object({
  q: text(100).optional(),
  health: z.enum(HEALTH_STATES).optional(),
  zone: label.optional(),
  tag: label.optional(),
  /** name of the last service of the page before */
  after: z.string().max(100).optional(),
  limit: z.number().int().min(1).max(500).default(200),
})

export const target = z.union([z.object({ service: name }).strict(), z.object({ instance: instanceId }).strict()])

/** A stretch of time from now; null: until lifted. */
export const forMs = z
  .number()
  .int()
  .min(1_000)
  .max(90 * 86_400_000)
  .nullable()

export const pageLimit = z.number().int().min(1).max(500).default(100)
