/** The statements of identity: users, sessions, one-time links, service tokens. Times are milliseconds since the epoch. */
export interface UserRow {
  id: string
  email: string
  name: string
  role: string
  passwordHash: string | null
  createdAt: number
  lastSignInAt: number | null
  revision: number
}

export interface SessionRow {
  id: string
  hash: string
  userId: string
  via: 'link' | 'password'
  createdAt: number
  lastSeenAt: number
  address: string
  userAgent: string
}

export interface LinkRow {
  hash: string
  userId: string | null
  createdAt: number
  expiresAt: number
  usedAt: number | null
}

export interface TokenRow {
  id: string
  hash: string
  name: string
  prefix: string
  scopes: string[]
  services: string[] | null
  createdAt: number
  createdBy: string
  expiresAt: number | null
  revokedAt: number | null
  lastUsedAt: number | null
}

export interface IdentityQueries {
  user(id: string): Promise<UserRow | null>
  userByEmail(email: string): Promise<UserRow | null>
  /** by e-mail address */
  users(): Promise<UserRow[]>
  countAdmins(): Promise<number>
  addUser(row: UserRow): Promise<void>
  /** writes every field; false when the row has moved on from `revision` */
  replaceUser(row: UserRow, revision: number): Promise<boolean>
  /** takes the user's sessions and links along */
  deleteUser(id: string): Promise<void>
  /** does not touch the revision: signing in is no edit that others could collide with */
  setSignedIn(id: string, at: number): Promise<void>

  session(id: string): Promise<SessionRow | null>
  sessionByHash(hash: string): Promise<{ session: SessionRow; user: UserRow } | null>
  /** of one user, or of all; the last seen first */
  sessions(userId: string | null, limit: number): Promise<SessionRow[]>
  addSession(row: SessionRow): Promise<void>
  /** false when it was gone already */
  deleteSession(id: string): Promise<boolean>
  setSeen(id: string, at: number): Promise<void>
  /** deletes at most `limit` sessions not seen since `seenBefore` or begun before `createdBefore` */
  pruneSessions(seenBefore: number, createdBefore: number, limit: number): Promise<number>

  link(hash: string): Promise<LinkRow | null>
  addLink(row: LinkRow): Promise<void>
  /** false when it is used, expired at `now` or gone: of two at once, one gets true */
  useLink(hash: string, now: number): Promise<boolean>
  /** makes the links that a user has not used yet worthless; null: those for the first admin */
  deleteUnusedLinks(userId: string | null): Promise<void>
  pruneLinks(expiredBefore: number, limit: number): Promise<number>

  token(id: string): Promise<TokenRow | null>
  tokenByHash(hash: string): Promise<TokenRow | null>
  /** the one of that name that is not revoked */
  tokenByName(name: string): Promise<TokenRow | null>
  /** newest first, revoked ones last */
  tokens(limit: number): Promise<TokenRow[]>
  addToken(row: TokenRow): Promise<void>
  /** false when it was revoked already */
  revokeToken(id: string, at: number): Promise<boolean>
  setUsed(id: string, at: number): Promise<void>
  /** deletes at most `limit` tokens revoked before `before` */
  pruneTokens(before: number, limit: number): Promise<number>
}
