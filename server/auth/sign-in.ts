/** Signing in and out: rate limits outside, one transaction inside. */
import type { Clock } from '../../core/clock.ts'
import { RateLimitedError, UnauthenticatedError } from '../../core/errors.ts'
import type { Store, Tx } from '../../db/store.ts'
import type { Log } from '../log.ts'
import { addressKey, RateLimit } from '../rate-limit.ts'
import { FIRST_ADMIN, UNKNOWN_LINK, useLink } from './links.ts'
import type { Passwords } from './passwords.ts'
import { digest, isSecret, newId, newSecret } from './secrets.ts'
import { type Device, endSession, openSession } from './sessions.ts'
import { toUser, type User, userActor, userKey } from './users.ts'

export interface SignInOptions {
  store: Store
  clock: Clock
  log: Log
  passwords: Passwords
}

export interface SignedIn {
  user: User
  /** for the cookie; shown nowhere else */
  secret: string
}

export class SignIn {
  readonly #options: SignInOptions
  /** failures of one address, and of one account from anywhere; right answers are given back */
  readonly #byAddress: RateLimit
  readonly #byAccount: RateLimit
  readonly #audited: RateLimit
  #unaudited = 0

  constructor(options: SignInOptions) {
    const { clock } = options
    this.#options = options
    this.#byAddress = new RateLimit({ clock, burst: 20, everyMs: 6_000 })
    this.#byAccount = new RateLimit({ clock, burst: 10, everyMs: 30_000 })
    this.#audited = new RateLimit({ clock, burst: 30, everyMs: 10_000, keysMax: 1 })
  }

  /** Signs in by a one-time link. @throws UnauthenticatedError, RateLimitedError */
  async byLink(token: string, device: Device): Promise<SignedIn> {
    const address = addressKey(device.address)
    this.#take(this.#byAddress, address)
    const hash = digest(token)
    try {
      if (!isSecret(token)) throw new UnauthenticatedError('This is not a whole sign-in link. Copy all of it.')
      const { link, owner } = await this.#options.store.read(async (tx) => {
        const link = await tx.q.identity.link(hash)
        return { link, owner: link?.userId ? await tx.q.identity.user(link.userId) : null }
      })
      if (!link) throw new UnauthenticatedError(UNKNOWN_LINK)
      const signedIn = await this.#open(owner?.email ?? FIRST_ADMIN.email, 'link', device, (tx) => useLink(tx, hash))
      this.#byAddress.giveBack(address)
      return signedIn
    } catch (error) {
      if (error instanceof UnauthenticatedError) await this.#auditFailure(null, 'link', device)
      throw error
    }
  }

  /**
   * Signs in by a password. An account that does not exist answers like a wrong password, after the same time.
   * @throws UnauthenticatedError, RateLimitedError, ServiceUnavailableError
   */
  async byPassword(email: string, password: string, device: Device): Promise<SignedIn> {
    const address = addressKey(device.address)
    this.#take(this.#byAddress, address)
    this.#take(this.#byAccount, email)
    const { store } = this.#options
    const user = await store.read((tx) => tx.q.identity.userByEmail(email))
    if (!(await this.#options.passwords.verify(password, user?.passwordHash ?? null)) || !user) {
      await this.#auditFailure(user?.id ?? null, 'password', device)
      throw new UnauthenticatedError('Wrong e-mail address or password.')
    }
    const signedIn = await this.#open(user.email, 'password', device, async (tx) => {
      // Checking took a moment, in which the password or the user may have gone.
      const now = await tx.q.identity.user(user.id)
      if (!now || now.passwordHash !== user.passwordHash)
        throw new UnauthenticatedError('Wrong e-mail address or password.')
      return now
    })
    this.#byAccount.reset(email)
    this.#byAddress.giveBack(address)
    return signedIn
  }

  /**
   * Is this the user's present password? Limited like signing in, so that an open browser is no place for guessing.
   * @throws RateLimitedError
   */
  async confirm(user: { email: string; passwordHash: string | null }, password: string): Promise<boolean> {
    this.#take(this.#byAccount, user.email)
    const right = await this.#options.passwords.verify(password, user.passwordHash)
    if (right) this.#byAccount.giveBack(user.email)
    return right
  }

  /** Ends the session behind the cookie's secret, if there is one. */
  async out(secret: string): Promise<void> {
    const { store } = this.#options
    const hash = digest(secret)
    const found = await store.read((tx) => tx.q.identity.sessionByHash(hash))
    if (!found) return
    await store.transact({ actor: userActor(found.user.email), operationId: null }, async (tx) => {
      const now = await tx.q.identity.sessionByHash(hash)
      if (now) await endSession(tx, now.session, 'signed out')
    })
  }

  #open(
    email: string,
    via: 'link' | 'password',
    device: Device,
    who: (tx: Tx) => ReturnType<typeof useLink>,
  ): Promise<SignedIn> {
    const secret = newSecret()
    const id = newId()
    return this.#options.store.transact({ actor: userActor(email), operationId: null }, async (tx) => {
      const row = await who(tx)
      await openSession(tx, row, { id, hash: digest(secret), via, ...device })
      return { user: toUser({ ...row, lastSignInAt: tx.now }), secret }
    })
  }

  #take(limit: RateLimit, key: string): void {
    const allowance = limit.take(key)
    if (allowance.ok) return
    const { retryAfterMs } = allowance
    throw new RateLimitedError(
      `Too many attempts to sign in. Try again in ${Math.ceil(retryAfterMs / 1_000)} s, or use a sign-in link from an admin.`,
      { retryAfterMs },
    )
  }

  /** Bounded, so that guessing does not fill the database; what was left out is counted in the next row. */
  async #auditFailure(userId: string | null, via: 'link' | 'password', device: Device): Promise<void> {
    const { store, log } = this.#options
    log.warn({ user: userId, via, address: device.address }, 'somebody could not sign in')
    if (!this.#audited.take('').ok) {
      this.#unaudited += 1
      return
    }
    const leftOut = this.#unaudited
    this.#unaudited = 0
    await store.transact({ actor: 'anonymous', operationId: null }, async (tx) => {
      await tx.audit({
        action: 'session.sign-in-failed',
        target: userId === null ? 'user/unknown' : userKey(userId),
        reason: null,
        before: null,
        after: {
          via,
          address: device.address.slice(0, 60),
          userAgent: device.userAgent.slice(0, 200),
          ...(leftOut === 0 ? {} : { moreLeftOut: leftOut }),
        },
        seq: null,
      })
    })
  }
}
