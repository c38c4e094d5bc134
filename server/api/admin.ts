/** Users, service tokens and sessions. What cannot be undone asks for a reason; each lands in the audit trail. */
import { z } from 'zod'
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../core/errors.ts'
import { addLink, linkPath, reissue } from '../auth/links.ts'
import { digest, newId, newSecret, newToken } from '../auth/secrets.ts'
import { endSession, toSession } from '../auth/sessions.ts'
import { createToken, revokeToken, toToken } from '../auth/tokens.ts'
import { addUser, removeUser, setRole, toUser } from '../auth/users.ts'
import type { Engines } from '../engines.ts'
import { type Principal, ROLES, SCOPES } from '../principal.ts'
import { execute } from '../transact.ts'
import { accountRouter, email, personName } from './account.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'
import { command } from './streams.ts'
import { allow, router, signedIn } from './trpc.ts'

const admin = allow('admin', null)
const person = allow('viewer', null)

const id = z.string().min(1).max(64)
const role = z.enum(ROLES)
const LIST_MAX = 1_000

const usersRouter = router({
  list: admin.input(operation(z.object({}).default({}))).query(({ ctx }) =>
    ctx.engines.store.read(async (tx) => {
      const sessions = await tx.q.identity.sessions(null, 50 * LIST_MAX)
      const count = new Map<string, number>()
      for (const { userId } of sessions) count.set(userId, (count.get(userId) ?? 0) + 1)
      const users = await tx.q.identity.users()
      return { users: users.map((row) => ({ ...toUser(row), sessions: count.get(row.id) ?? 0 })) }
    }),
  ),

  /** Adds a user. `link` signs them in, once, within 24 h; it is shown now and never again. */
  invite: admin.input(operation(z.object({ email, name: personName, role }))).mutation(async ({ ctx, input }) => {
    const { store, config } = ctx.engines
    const secret = newSecret()
    const { result, replayed } = await execute(store, command(ctx, 'admin.users.invite', input), async (tx) => {
      const summary = `${input.data.email} was invited as ${input.data.role}`
      const row = await addUser(tx, { id: newId(), ...input.data }, { kind: 'user.invited', summary })
      return { user: toUser(row), expiresAt: await addLink(tx, digest(secret), row.id) }
    })
    // The first answer was lost, and with it the link, of which only the hash is stored: another takes its place.
    if (replayed) return { user: result.user, ...(await freshLink(ctx, result.user.id)) }
    return { ...result, link: `${config.publicUrl}${linkPath(secret)}` }
  }),

  /** Another one-time link for a user; one that was not used yet is worthless from then on. */
  link: admin.input(operation(z.object({ id }))).mutation(({ ctx, input }) => freshLink(ctx, input.data.id)),

  setRole: admin.input(operation(z.object({ id, role, reason: schemas.reason }))).mutation(async ({ ctx, input }) => {
    const { data } = input
    const { result } = await execute(ctx.engines.store, command(ctx, 'admin.users.setRole', input), async (tx) =>
      toUser(await setRole(tx, data.id, data.role, data.reason)),
    )
    return { user: result }
  }),

  remove: admin.input(operation(z.object({ id, reason: schemas.reason }))).mutation(async ({ ctx, input }) => {
    const { data } = input
    await execute(ctx.engines.store, command(ctx, 'admin.users.remove', input), (tx) =>
      removeUser(tx, data.id, data.reason),
    )
    return { id: data.id }
  }),
})

async function freshLink(
  ctx: { principal: Principal; engines: Engines },
  userId: string,
): Promise<{ link: string; expiresAt: number }> {
  const { store, config } = ctx.engines
  const secret = newSecret()
  const once = { id: undefined, data: { id: userId } }
  const { result } = await execute(store, command(ctx, 'admin.users.link', once), async (tx) => {
    const user = await tx.q.identity.user(userId)
    if (!user) throw new NotFoundError('There is no such user (any more).')
    return reissue(tx, user, digest(secret))
  })
  return { link: `${config.publicUrl}${linkPath(secret)}`, expiresAt: result }
}

const tokensRouter = router({
  list: admin.input(operation(z.object({}).default({}))).query(async ({ ctx }) => {
    const rows = await ctx.engines.store.read((tx) => tx.q.identity.tokens(LIST_MAX))
    return { tokens: rows.map(toToken) }
  }),

  /** Creates a service token. `secret` is shown now and never again. */
  create: admin
    .input(
      operation(
        z.object({
          name: schemas.name,
          scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
          /** services it may register and report for; null: any */
          services: z.array(schemas.name).min(1).max(50).nullable().default(null),
          /** milliseconds from now; null: until revoked */
          expiresInMs: z
            .number()
            .int()
            .min(60_000)
            .max(10 * 365 * 86_400_000)
            .nullable()
            .default(null),
        }),
      ),
    )
    .mutation(async ({ ctx, input }) => {
      const { expiresInMs, ...grant } = input.data
      const { secret, row } = newToken()
      const { result, replayed } = await execute(
        ctx.engines.store,
        command(ctx, 'admin.tokens.create', input),
        async (tx) => {
          const expiresAt = expiresInMs === null ? null : tx.now + expiresInMs
          return toToken(await createToken(tx, { ...grant, expiresAt }, row))
        },
      )
      if (replayed) {
        throw new ConflictError(
          `The token "${grant.name}" was created by this operation before, and its secret was shown then. If it is lost, revoke the token and create another.`,
          { details: { cause: 'shown', token: result.id } },
        )
      }
      return { token: result, secret }
    }),

  revoke: admin.input(operation(z.object({ id, reason: schemas.reason }))).mutation(async ({ ctx, input }) => {
    const { data } = input
    const { result } = await execute(ctx.engines.store, command(ctx, 'admin.tokens.revoke', input), async (tx) =>
      toToken(await revokeToken(tx, data.id, data.reason)),
    )
    return { token: result }
  }),
})

const sessionsRouter = router({
  /** One's own sessions; for admins also another user's, or everybody's with `userId: null`. */
  list: person.input(operation(z.object({ userId: id.nullish() }).default({}))).query(async ({ ctx, input }) => {
    const { principal } = ctx
    const userId = input.data.userId === undefined ? principal.id : input.data.userId
    if (userId !== principal.id && principal.role !== 'admin') {
      throw new ForbiddenError(`"${principal.name}" may see only their own sessions; others need the role "admin".`)
    }
    const current = ctx.engines.auth.sessionOf(principal)
    const { rows, users } = await ctx.engines.store.read(async (tx) => ({
      rows: await tx.q.identity.sessions(userId, LIST_MAX),
      users: new Map((await tx.q.identity.users()).map((user) => [user.id, user.email])),
    }))
    const now = ctx.engines.clock.wall()
    return {
      sessions: rows
        .map((row) => ({ ...toSession(row), email: users.get(row.userId) ?? '', current: row.id === current }))
        .filter((session) => session.expiresAt > now),
    }
  }),

  /** Ends a session at once. One's own needs no reason. */
  revoke: person
    .input(operation(z.object({ id, reason: schemas.reason.optional() })))
    .mutation(async ({ ctx, input }) => {
      const { principal } = ctx
      const { data } = input
      await execute(ctx.engines.store, command(ctx, 'admin.sessions.revoke', input), async (tx) => {
        const session = await tx.q.identity.session(data.id)
        const own = session?.userId === principal.id
        // Who may not see a session is not told whether there is one.
        if (!session || (!own && principal.role !== 'admin'))
          throw new NotFoundError('There is no such session (any more).')
        if (!own && data.reason === undefined) {
          throw new ValidationError('Say why this session is ended: "reason" is missing.')
        }
        await endSession(tx, session, data.reason ?? 'ended by its user')
      })
      return { id: data.id }
    }),
})

export const adminRouter = router({
  /** Who is asking. */
  me: signedIn.input(operation(z.object({}).default({}))).query(async ({ ctx }) => {
    const { kind, id, name, role, scopes, services } = ctx.principal
    const user = kind === 'user' ? await ctx.engines.store.read((tx) => tx.q.identity.user(id)) : null
    return {
      kind,
      id,
      name,
      role,
      scopes,
      services,
      email: user?.email ?? null,
      hasPassword: user === null ? null : user.passwordHash !== null,
      session: ctx.engines.auth.sessionOf(ctx.principal),
    }
  }),
  account: accountRouter,
  users: usersRouter,
  tokens: tokensRouter,
  sessions: sessionsRouter,
})
