/** The settings of a gateway process: from its environment, read once. */
import { hostname } from 'node:os'

export interface GatewaySettings {
  /** the control plane */
  url: string
  token: string
  host: string
  port: number
  workers: number
  /** `host:port` as the control plane and others reach it */
  advertise: string
  /** proxies in front of it that may speak for clients, in CIDR notation */
  trusted: string[]
  zone: string | null
  /** where the last good configuration and instances are kept; null: nowhere */
  copyPath: string | null
  /** where the control plane reaches the process itself; null: nobody supervises it */
  controlPath: string | null
  /** asks for a trace */
  tryKey: string
  name: string
  version: string
  /** a module with middlewares of one's own; null: none */
  middlewarePath: string | null
}

export class WrongSetting extends Error {}

/** @throws WrongSetting that names the variable and what to do */
export function parseSettings(env: Record<string, string | undefined>): GatewaySettings {
  const url = required(env, 'HOLDFAST_URL', 'where the control plane is, such as http://127.0.0.1:3000')
  if (!URL.canParse(url)) throw new WrongSetting(`HOLDFAST_URL is "${url}", which is not a URL.`)
  const host = env.HOLDFAST_GATEWAY_HOST || '127.0.0.1'
  const port = whole(env, 'HOLDFAST_GATEWAY_PORT', 8080, 0, 65_535)
  return {
    url,
    token: required(env, 'HOLDFAST_TOKEN', 'a token with the scopes of a gateway'),
    host,
    port,
    workers: whole(env, 'HOLDFAST_GATEWAY_WORKERS', 1, 1, 64),
    advertise: env.HOLDFAST_GATEWAY_ADVERTISE || (host === '0.0.0.0' || host === '::' ? hostname() : host),
    trusted: (env.HOLDFAST_GATEWAY_TRUSTED ?? '')
      .split(',')
      .flatMap((part) => (part.trim() === '' ? [] : [part.trim()])),
    zone: env.HOLDFAST_GATEWAY_ZONE || null,
    copyPath: env.HOLDFAST_GATEWAY_COPY || null,
    controlPath: env.HOLDFAST_GATEWAY_CONTROL || null,
    tryKey: env.HOLDFAST_GATEWAY_TRY_KEY ?? '',
    name: (env.HOLDFAST_GATEWAY_NAME || hostname()).replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 60),
    version: env.HOLDFAST_GATEWAY_VERSION ?? '',
    middlewarePath: env.HOLDFAST_GATEWAY_MIDDLEWARE || null,
  }
}

function required(env: Record<string, string | undefined>, name: string, what: string): string {
  const value = env[name]?.trim()
  if (!value) throw new WrongSetting(`${name} is missing: ${what}.`)
  return value
}

function whole(
  env: Record<string, string | undefined>,
  name: string,
  otherwise: number,
  min: number,
  max: number,
): number {
  const text = env[name]?.trim()
  if (!text) return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new WrongSetting(`${name} is "${text}": use a whole number from ${min} to ${max}.`)
  }
  return value
}
