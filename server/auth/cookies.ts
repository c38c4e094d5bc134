/** The session cookie. */
import type { Config } from '../config.ts'
import { isSecret } from './secrets.ts'

export type CookieConfig = Pick<Config, 'publicUrl' | 'port'>

function isSecure(config: CookieConfig): boolean {
  return config.publicUrl.startsWith('https:')
}

/**
 * Browsers share cookies between the ports of a host, so the port is part of the name: two control planes on one machine
 * do not sign each other's people out. `__Host-` keeps other hosts of the domain from setting it.
 */
export function cookieName(config: CookieConfig): string {
  return isSecure(config) ? '__Host-holdfast' : `holdfast_${config.port}`
}

/** `maxAgeS` 0 deletes it. */
export function setCookie(config: CookieConfig, secret: string, maxAgeS: number): string {
  const flags = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${maxAgeS}`]
  if (isSecure(config)) flags.push('Secure')
  return `${cookieName(config)}=${secret}; ${flags.join('; ')}`
}

/** The secret in a Cookie header; null when there is none that could be ours. */
export function readCookie(config: CookieConfig, header: string | undefined): string | null {
  if (header === undefined) return null
  const start = `${cookieName(config)}=`
  for (const part of header.split(';')) {
    const cookie = part.trim()
    if (cookie.startsWith(start) && isSecret(cookie.slice(start.length))) return cookie.slice(start.length)
  }
  return null
}
