/** Identity: who a request comes from, and how people sign in and out. */
import type { Clock } from '../core/clock.ts'
import { ConflictError } from '../core/errors.ts'
import type { JournalEvent } from '../core/event.ts'
import type { UserRow } from '../db/identity-queries.ts'
import type { Store } from '../db/store.ts'
import { readCookie } from './auth/cookies.ts'
import { authHandler } from './auth/http.ts'
import { loadSession, loadToken } from './auth/known.ts'
import { addLink, linkPath, reissue } from './auth/links.ts'
import { Passwords } from './auth/passwords.ts'
import { type Known, Principals } from './auth/principals.ts'
import { digest, isSecret, newSecret, newToken, sameSecret, TOKEN_PREFIX } from './auth/secrets.ts'
import { IDLE_MS, SESSION_MAX_MS } from './auth/sessions.ts'
import { SignIn } from './auth/sign-in.ts'
import { createToken, revokeToken, type TokenGrant } from './auth/tokens.ts'
import { userActor } from './auth/users.ts'
import type { ClientAddress } from './client-address.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { Loops } from './loops.ts'
import { type Principal, SCOPES, type Scope } from './principal.ts'
import { addressKey, RateLimit } from './rate-limit.ts'

const SYSTEM_ORIGIN = { actor: 'system', operationId: null }
/** How often expiry is looked at, and how old a stored "last seen" may get; milliseconds. */
const SWEEP_MS = 15_000
const SEEN_STORED_MS = 60_000
const PRUNE_MS = 3_600_000
const PRUNE_LIMIT = 1_000
/** Revoked tokens are shown for so long; milliseconds. */
const REVOKED_KEPT_MS = 90 * 86_400_000

export interface AuthOptions {
  store: Store
  clock: Clock
  log: Log
  /** read at each use: the port is known only after listening */
  config: () => Pick<Config, 'publicUrl' | 'port' | 'adminToken'>
  /** whose attempts are counted together, and what the audit trail names */
  clientAddress: ClientAddress
}

/** What a request says about who sends it. */
export interface Credentials {
  /** the header: `Bearer …` */
  authorization?: string | undefined
  /** a token sent in a WebSocket's connection parameters */
  connectionToken?: string | undefined
  /** the header */
  cookie?: string | undefined
  remoteAddress: string
}

export class Auth {
  readonly passwords = new Passwords()
  readonly signIn: SignIn
  /** `/api/auth/*`: always answers, and resolves to true. */
  readonly handle: ReturnType<typeof authHandler>
  readonly #options: AuthOptions
  readonly #principals = new Principals()
  readonly #refused: RateLimit
  readonly #admin: Principal = {
    kind: 'admin-token',
    id: 'admin-token',
    actor: 'admin-token',
    name: 'Admin token',
    role: 'admin',
    scopes: SCOPES,
    services: null,
    active: true,
  }
  /** Counts what was ended, so that a look-up under way meanwhile is repeated. */
  #ended = 0

  constructor(options: AuthOptions) {
    this.#options = options
    this.#refused = new RateLimit({ clock: options.clock, burst: 3, everyMs: 60_000, keysMax: 1_000 })
    this.signIn = new SignIn({ ...options, passwords: this.passwords })
    this.handle = authHandler({ ...options, auth: this })
    options.store.journal.onCommit((events) => this.#follow(events))
  }

  /** Who sends these credentials; null: nobody we know. A wrong one is not excused by another that is right. */
  async authenticate(credentials: Credentials): Promise<Principal | null> {
    const { authorization, connectionToken, cookie } = credentials
    const bearer =
      authorization === undefined ? connectionToken : /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1]
    if (authorization !== undefined || connectionToken !== undefined) {
      const principal = bearer === undefined ? null : await this.#byToken(bearer)
      if (!principal) this.#reportRefused(credentials.remoteAddress)
      return principal
    }
    const secret = readCookie(this.#options.config(), cookie)
    return secret === null ? null : this.#known(digest(secret), loadSession)
  }

  /**
   * Calls `listener` as soon as `principal` is revoked, removed, signed out, expired or gets another role: close its
   * connections. `until`: something whose `close` event ends the interest. Returns how to stop listening.
   */
  onRevoked(
    principal: Principal,
    listener: () => void,
    until?: { once(event: 'close', listener: () => void): unknown },
  ): () => void {
    const stop = this.#principals.listen(principal, listener)
    until?.once('close', stop)
    return stop
  }

  /** the session behind a signed-in user; null for tokens */
  sessionOf(principal: Principal): string | null {
    return this.#principals.of(principal)?.sessionId ?? null
  }

  async hasAdmin(): Promise<boolean> {
    return (await this.#options.store.read((tx) => tx.q.identity.countAdmins())) > 0
  }

  /**
   * The path of a new one-time link that makes the first admin, for 24 h; earlier ones are worthless from then on.
   * Null when there is an admin.
   */
  ensureFirstLink(): Promise<string | null> {
    const secret = newSecret()
    return this.#options.store.transact(SYSTEM_ORIGIN, async (tx) => {
      if ((await tx.q.identity.countAdmins()) > 0) return null
      await addLink(tx, digest(secret), null)
      return linkPath(secret)
    })
  }

  /**
   * The path of a one-time link for the admin who has been one for longest, or for making the first one: for whoever
   * commands the machine. Writes no journal entry, so it may run beside a started control plane.
   */
  async recoveryLink(): Promise<string> {
    const first = await this.ensureFirstLink()
    if (first !== null) return first
    const users = await this.#options.store.read((tx) => tx.q.identity.users())
    const admins = users.filter((user) => user.role === 'admin').sort((a, b) => a.createdAt - b.createdAt)
    return this.issueLink((admins[0] as UserRow).email)
  }

  /** The path of a one-time link for this user, for 24 h. @throws ConflictError when there is no such user */
  issueLink(email: string): Promise<string> {
    const secret = newSecret()
    return this.#options.store.transact(SYSTEM_ORIGIN, async (tx) => {
      const user = await tx.q.identity.userByEmail(email.trim().toLowerCase())
      if (!user) throw new ConflictError(`There is no user with the address ${email}.`)
      await reissue(tx, user, digest(secret))
      return linkPath(secret)
    })
  }

  /** A token for one of our own processes; one of the same name from an earlier run is revoked with it. */
  issueToken(grant: TokenGrant): Promise<string> {
    const { secret, row } = newToken()
    return this.#options.store.transact(SYSTEM_ORIGIN, async (tx) => {
      const before = await tx.q.identity.tokenByName(grant.name)
      if (before) await revokeToken(tx, before.id, 'replaced at start')
      await createToken(tx, grant, row)
      return secret
    })
  }

  /** Is this the secret of a living token of that name, with just those scopes? Then it need not be issued anew. */
  isIssued(name: string, scopes: readonly Scope[], secret: string): Promise<boolean> {
    return this.#options.store.read(async (tx) => {
      const token = await tx.q.identity.tokenByName(name)
      return (
        token !== null && token.hash === digest(secret) && [...token.scopes].sort().join() === [...scopes].sort().join()
      )
    })
  }

  /** Ends what has expired, stores who was seen, prunes. */
  startLoops(loops: Loops): void {
    loops.every('identity', SWEEP_MS, () => this.sweep())
    loops.every('identity-prune', PRUNE_MS, () => this.prune(), { immediately: true })
  }

  async sweep(): Promise<void> {
    const seen = this.#principals.sweep(this.#options.clock.wall(), SEEN_STORED_MS)
    if (seen.length === 0) return
    const stored = seen.map((known) => ({ known, at: known.seenAt }))
    await this.#options.store.transact(SYSTEM_ORIGIN, async (tx) => {
      for (const { known, at } of stored) {
        if (known.sessionId !== null) await tx.q.identity.setSeen(known.sessionId, at)
        else await tx.q.identity.setUsed(known.principal.id, at)
      }
    })
    for (const { known, at } of stored) known.storedAt = at
  }

  async prune(): Promise<void> {
    await this.#options.store.transact(SYSTEM_ORIGIN, async (tx) => {
      await tx.q.identity.pruneSessions(tx.now - IDLE_MS, tx.now - SESSION_MAX_MS, PRUNE_LIMIT)
      await tx.q.identity.pruneLinks(tx.now, PRUNE_LIMIT)
      await tx.q.identity.pruneTokens(tx.now - REVOKED_KEPT_MS, PRUNE_LIMIT)
    })
  }

  async #byToken(token: string): Promise<Principal | null> {
    const { adminToken } = this.#options.config()
    if (adminToken !== null && sameSecret(token, adminToken)) return this.#admin
    if (!token.startsWith(TOKEN_PREFIX) || !isSecret(token.slice(TOKEN_PREFIX.length))) return null
    return this.#known(digest(token), loadToken)
  }

  async #known(hash: string, load: (store: Store, hash: string) => Promise<Known | null>): Promise<Principal | null> {
    let known = this.#principals.get(hash)
    for (let ended = -1; !known; ) {
      ended = this.#ended
      const loaded = await load(this.#options.store, hash)
      if (ended !== this.#ended) continue
      if (!loaded) return null
      // Another request of the same session may have been faster; there is one principal for both.
      known = this.#principals.get(hash)
      if (!known) {
        known = loaded
        this.#principals.add(hash, loaded)
      }
    }
    const now = this.#options.clock.wall()
    if (this.#principals.isOver(known, now)) return null
    known.seenAt = Math.max(known.seenAt, now)
    return known.principal
  }

  /** Follows the journal, where every end of a session, token or user is told, by whichever process. */
  #follow(events: readonly JournalEvent[]): void {
    for (const { kind, key, value } of events) {
      if (kind === 'user.changed') {
        const { name, email } = value as { name: string; email: string }
        this.#principals.update(key, (principal) => Object.assign(principal, { name, actor: userActor(email) }))
      } else if (ENDING.has(kind)) {
        this.#principals.end(key)
      } else continue
      this.#ended += 1
    }
  }

  #reportRefused(address: string): void {
    if (!this.#refused.take(addressKey(address)).ok) return
    this.#options.log.warn({ address }, 'a token was refused: unknown, expired or revoked')
  }
}

const ENDING: ReadonlySet<string> = new Set(['session.ended', 'token.revoked', 'user.removed', 'user.role-changed'])

export async function createAuth(options: AuthOptions): Promise<Auth> {
  return new Auth(options)
}
