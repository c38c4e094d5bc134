import { and, asc, desc, eq, gt, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { IdentityQueries } from '../identity-queries.ts'
import { links, sessions, tokens, users } from '../schema/identity.ts'
import type { Drizzle } from './drizzle.ts'

export function identityQueries(db: Drizzle): IdentityQueries {
  const p = sql.placeholder
  const bySessionHash = db
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.hash, p('hash')))
    .prepare()
  const byTokenHash = db
    .select()
    .from(tokens)
    .where(eq(tokens.hash, p('hash')))
    .prepare()
  const byId = db
    .select()
    .from(users)
    .where(eq(users.id, p('id')))
    .prepare()
  const seen = db
    .update(sessions)
    .set({ lastSeenAt: sql`${p('at')}` })
    .where(eq(sessions.id, p('id')))
    .prepare()
  const used = db
    .update(tokens)
    .set({ lastUsedAt: sql`${p('at')}` })
    .where(eq(tokens.id, p('id')))
    .prepare()
  // Bounded deletes, so that housekeeping never holds the writer for long.
  const some = (table: SQLiteTable, where: SQL | undefined, limit: number): number =>
    db.delete(table).where(sql`rowid in (select rowid from ${table} where ${where} limit ${limit})`).run().changes

  return {
    user: async (id) => byId.get({ id }) ?? null,
    userByEmail: async (email) => db.select().from(users).where(eq(users.email, email)).get() ?? null,
    users: async () => db.select().from(users).orderBy(asc(users.email)).all(),
    countAdmins: async () =>
      db.select({ n: sql<number>`count(*)` }).from(users).where(eq(users.role, 'admin')).get()?.n ?? 0,
    async addUser(row) {
      db.insert(users).values(row).run()
    },
    async replaceUser({ id, ...row }, revision) {
      return (
        db
          .update(users)
          .set(row)
          .where(and(eq(users.id, id), eq(users.revision, revision)))
          .run().changes === 1
      )
    },
    async deleteUser(id) {
      db.delete(users).where(eq(users.id, id)).run()
    },
    async setSignedIn(id, at) {
      db.update(users).set({ lastSignInAt: at }).where(eq(users.id, id)).run()
    },

    session: async (id) => db.select().from(sessions).where(eq(sessions.id, id)).get() ?? null,
    sessionByHash: async (hash) => bySessionHash.get({ hash }) ?? null,
    sessions: async (userId, limit) =>
      db
        .select()
        .from(sessions)
        .where(userId === null ? undefined : eq(sessions.userId, userId))
        .orderBy(desc(sessions.lastSeenAt), asc(sessions.id))
        .limit(limit)
        .all(),
    async addSession(row) {
      db.insert(sessions).values(row).run()
    },
    deleteSession: async (id) => db.delete(sessions).where(eq(sessions.id, id)).run().changes === 1,
    async setSeen(id, at) {
      seen.run({ id, at })
    },
    pruneSessions: async (seenBefore, createdBefore, limit) =>
      some(sessions, sql`${sessions.lastSeenAt} < ${seenBefore} or ${sessions.createdAt} < ${createdBefore}`, limit),

    link: async (hash) => db.select().from(links).where(eq(links.hash, hash)).get() ?? null,
    async addLink(row) {
      db.insert(links).values(row).run()
    },
    useLink: async (hash, now) =>
      db
        .update(links)
        .set({ usedAt: now })
        .where(and(eq(links.hash, hash), isNull(links.usedAt), gt(links.expiresAt, now)))
        .run().changes === 1,
    async deleteUnusedLinks(userId) {
      db.delete(links)
        .where(and(isNull(links.usedAt), userId === null ? isNull(links.userId) : eq(links.userId, userId)))
        .run()
    },
    pruneLinks: async (before, limit) => some(links, lt(links.expiresAt, before), limit),

    token: async (id) => db.select().from(tokens).where(eq(tokens.id, id)).get() ?? null,
    tokenByHash: async (hash) => byTokenHash.get({ hash }) ?? null,
    tokenByName: async (name) =>
      db
        .select()
        .from(tokens)
        .where(and(eq(tokens.name, name), isNull(tokens.revokedAt)))
        .get() ?? null,
    tokens: async (limit) =>
      db
        .select()
        .from(tokens)
        .orderBy(sql`${tokens.revokedAt} is not null`, desc(tokens.createdAt), asc(tokens.id))
        .limit(limit)
        .all(),
    async addToken(row) {
      db.insert(tokens).values(row).run()
    },
    revokeToken: async (id, at) =>
      db
        .update(tokens)
        .set({ revokedAt: at })
        .where(and(eq(tokens.id, id), isNull(tokens.revokedAt)))
        .run().changes === 1,
    async setUsed(id, at) {
      used.run({ id, at })
    },
    pruneTokens: async (before, limit) =>
      some(tokens, and(isNotNull(tokens.revokedAt), lt(tokens.revokedAt, before)), limit),
  }
}
