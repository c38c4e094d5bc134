/** Tables of users, their sessions, one-time links and service tokens. Secrets are stored as their SHA-256 only. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

export const users = sqliteTable('users', {
  id: text('id').primaryKey(),
  /** lower case */
  email: text('email').notNull().unique(),
  name: text('name').notNull(),
  /** `viewer`, `operator` or `admin` */
  role: text('role').notNull(),
  /** null until a password is set: such a user signs in by links */
  passwordHash: text('password_hash'),
  createdAt: integer('created_at').notNull(),
  lastSignInAt: integer('last_sign_in_at'),
  revision: integer('revision').notNull(),
})

export const sessions = sqliteTable(
  'sessions',
  {
    /** names the session to people; the cookie's secret is another */
    id: text('id').primaryKey(),
    hash: text('hash').notNull().unique(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** `link` or `password` */
    via: text('via').$type<'link' | 'password'>().notNull(),
    createdAt: integer('created_at').notNull(),
    /** flushed seldom */
    lastSeenAt: integer('last_seen_at').notNull(),
    address: text('address').notNull(),
    userAgent: text('user_agent').notNull(),
  },
  (t) => [index('sessions_user').on(t.userId), index('sessions_seen').on(t.lastSeenAt)],
)

/** One-time links for signing in; a used one stays until it would have expired, so that its second use can be told apart. */
export const links = sqliteTable(
  'links',
  {
    hash: text('hash').primaryKey(),
    /** null: the first link of an installation, which makes its first admin */
    userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    usedAt: integer('used_at'),
  },
  (t) => [index('links_user').on(t.userId), index('links_expires').on(t.expiresAt)],
)

export const tokens = sqliteTable(
  'tokens',
  {
    id: text('id').primaryKey(),
    hash: text('hash').notNull().unique(),
    name: text('name').notNull(),
    /** how the secret begins, to tell tokens apart */
    prefix: text('prefix').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<string[]>().notNull(),
    /** services it may act for; null: any */
    services: text('services', { mode: 'json' }).$type<string[]>(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    expiresAt: integer('expires_at'),
    revokedAt: integer('revoked_at'),
    /** flushed seldom */
    lastUsedAt: integer('last_used_at'),
  },
  // What a token registered belongs to its name, so no two living tokens share one.
  (t) => [uniqueIndex('tokens_name').on(t.name).where(sql`${t.revokedAt} is null`)],
)
