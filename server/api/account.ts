/** What people change about themselves. */
import { z } from 'zod'
import { ForbiddenError, NotFoundError, ValidationError } from '../../core/errors.ts'
import { assertGoodPassword, PASSWORD_MAX } from '../auth/passwords.ts'
import { endOtherSessions, LINK_TRUSTED_MS } from '../auth/sessions.ts'
import { setPasswordHash, toUser, updateUser } from '../auth/users.ts'
import type { Principal } from '../principal.ts'
import { execute } from '../transact.ts'
import { operation } from './operation.ts'
import { command } from './streams.ts'
import { allow, router } from './trpc.ts'

export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]+$/u, 'an e-mail address, such as ada@example.org')

export const personName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, 'no control characters')

const person = allow('viewer', null)

export const accountRouter = router({
  update: person.input(operation(z.object({ name: personName, email }))).mutation(async ({ ctx, input }) => {
    assertUser(ctx.principal)
    const { result } = await execute(ctx.engines.store, command(ctx, 'admin.account.update', input), async (tx) =>
      toUser(await updateUser(tx, ctx.principal.id, input.data)),
    )
    return { user: result }
  }),

  /**
   * Sets the password and ends one's other sessions. `current` is asked for, unless there is no password yet or this
   * session began by a link within the last hour.
   */
  setPassword: person
    .input(
      operation(
        z.object({
          password: z.string().max(10 * PASSWORD_MAX),
          current: z
            .string()
            .max(10 * PASSWORD_MAX)
            .optional(),
        }),
      ),
    )
    .mutation(async ({ ctx, input }) => {
      assertUser(ctx.principal)
      const { auth, store, clock } = ctx.engines
      const { password, current } = input.data
      const sessionId = auth.sessionOf(ctx.principal)
      const { user, session } = await store.read(async (tx) => ({
        user: await tx.q.identity.user(ctx.principal.id),
        session: sessionId === null ? null : await tx.q.identity.session(sessionId),
      }))
      if (!user) throw new NotFoundError('There is no such user (any more).')
      const trusted = session?.via === 'link' && clock.wall() - session.createdAt < LINK_TRUSTED_MS
      if (user.passwordHash !== null && !trusted) {
        if (current === undefined) throw new ValidationError('Give your present password too: "current" is missing.')
        if (!(await auth.signIn.confirm(user, current))) throw new ForbiddenError('Your present password is another.')
      }
      assertGoodPassword(password, user.email)
      const hash = await auth.passwords.hash(password)
      // Never under an operation id: what is kept of an operation's input must not include a password.
      const once = { id: undefined, data: null }
      const { result } = await execute(store, command(ctx, 'admin.account.setPassword', once), async (tx) => {
        const after = await setPasswordHash(tx, user.id, hash, user.passwordHash)
        await endOtherSessions(tx, user.id, sessionId, 'the password was changed')
        return toUser(after)
      })
      return { user: result }
    }),
})

function assertUser(principal: Principal): void {
  if (principal.kind === 'user') return
  throw new ForbiddenError(`"${principal.name}" is not a user and has no account to change.`)
}
