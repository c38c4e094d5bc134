/** Random secrets. They carry 256 bits, so that one round of SHA-256 is enough to keep what is stored useless to a thief. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a service token begins with, so that people and secret scanners know one when they see it. */
export const TOKEN_PREFIX = 'hf_'

const SECRET = /^[A-Za-z0-9_-]{43}$/

export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** A name for a row; unguessable is not needed, collisions are not expected. */
export function newId(): string {
  return randomBytes(10).toString('hex')
}

/** Could this text be a secret of ours? Anything else needs no look into the database. */
export function isSecret(text: string): boolean {
  return SECRET.test(text)
}

export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** Compares without telling by its time how much was right, whatever the lengths. */
export function sameSecret(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}

/** A fresh service token: the text to show once, and what to store of it. */
export function newToken(): { secret: string; row: { id: string; hash: string; prefix: string } } {
  const secret = `${TOKEN_PREFIX}${newSecret()}`
  return { secret, row: { id: newId(), hash: digest(secret), prefix: secret.slice(0, TOKEN_PREFIX.length + 6) } }
}
