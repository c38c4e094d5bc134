/** Password hashes: scrypt of node:crypto, off the main thread. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { ServiceUnavailableError, ValidationError } from '../../core/errors.ts'

/**
 * OWASP's scrypt setting with 32 MiB (N = 2^15, r = 8, p = 3). Measured here: 0.19 s a hash.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const COST = { ln: 15, r: 8, p: 3 } as const
const KEY_BYTES = 32
/** Hashes at once: each takes 32 MiB and a thread that file access needs too. */
const CONCURRENT_MAX = 2
const WAITING_MAX = 50

export const PASSWORD_MIN = 10
export const PASSWORD_MAX = 200

interface Stored {
  ln: number
  r: number
  p: number
  salt: Buffer
  key: Buffer
}

export class Passwords {
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** `$scrypt$ln=15,r=8,p=3$salt$key` in base64. @throws ServiceUnavailableError when too many wait */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16)
    const key = await this.#derive(password, { ...COST, salt })
    const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
    return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(key)}`
  }

  /**
   * Is this the password behind `stored`? Null, for an account that does not exist or has none, costs the same time and
   * is never right. @throws ServiceUnavailableError when too many wait
   */
  async verify(password: string, stored: string | null): Promise<boolean> {
    const known = stored === null ? null : parse(stored)
    const key = await this.#derive(password, known ?? { ...COST, salt: randomBytes(16) })
    return known !== null && known.key.length === key.length && timingSafeEqual(known.key, key)
  }

  async #derive(password: string, { ln, r, p, salt }: Omit<Stored, 'key'>): Promise<Buffer> {
    if (this.#running >= CONCURRENT_MAX) {
      if (this.#waiting.length >= WAITING_MAX) {
        throw new ServiceUnavailableError('Too many people are signing in. Try again shortly.', { retryAfterMs: 2_000 })
      }
      // The place is handed over by the one who ends, so the count stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running += 1
    try {
      const N = 2 ** ln
      return await new Promise<Buffer>((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
          error ? reject(error) : resolve(key),
        )
      })
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}

/** @throws ValidationError with what to do */
export function assertGoodPassword(password: string, email: string): void {
  if (password.length < PASSWORD_MIN) {
    throw new ValidationError(`Use at least ${PASSWORD_MIN} characters; a few words in a row do well.`)
  }
  if (password.length > PASSWORD_MAX) throw new ValidationError(`Use at most ${PASSWORD_MAX} characters.`)
  const plain = password.toLowerCase()
  const own = [email, email.split('@', 1)[0] as string, 'holdfast', 'password']
  if (new Set(plain).size < 4 || own.some((word) => plain === word || plain === word.repeat(2))) {
    throw new ValidationError('This password is too easy to guess. A few unrelated words in a row do well.')
  }
}

function parse(stored: string): Stored | null {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored)
  if (!match) return null
  const [, ln, r, p, salt, key] = match as unknown as [string, string, string, string, string, string]
  if (Number(ln) > 20) return null
  return {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  }
}
