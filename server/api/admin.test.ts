import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, DEVICE, secretOf, type TestAuth, testAuth } from '../auth/test-auth.ts'
import type { Principal } from '../principal.ts'

let t: TestAuth
let admin: Principal
beforeEach(async () => {
  t = await testAuth()
  admin = (await t.first()).principal
})
afterEach(() => t[Symbol.asyncDispose]())

const failsWith = (code: string, message?: RegExp) =>
  expect.objectContaining({
    cause: expect.objectContaining({ code, ...(message ? { message: expect.stringMatching(message) } : {}) }),
  })
const lastAudit = async () => (await t.file.store.read((tx) => tx.q.audit.list({ limit: 1 })))[0]
const events = () => t.file.store.read((tx) => tx.q.journal.list({ limit: 100 }))

describe('who may call', () => {
  it('lets only admins at users and tokens', async () => {
    for (const role of ['viewer', 'operator'] as const) {
      const { principal } = await t.member(`${role}@example.org`, role)
      const caller = t.caller(principal)
      const forbidden = failsWith('FORBIDDEN')
      await expect(caller.users.list({ data: {} })).rejects.toEqual(forbidden)
      await expect(caller.users.invite({ data: { email: 'a@b', name: 'a', role: 'admin' } })).rejects.toEqual(forbidden)
      await expect(caller.users.link({ data: { id: admin.id } })).rejects.toEqual(forbidden)
      await expect(
        caller.users.setRole({ data: { id: principal.id, role: 'admin', reason: 'want it' } }),
      ).rejects.toEqual(forbidden)
      await expect(caller.users.remove({ data: { id: admin.id, reason: 'because' } })).rejects.toEqual(forbidden)
      await expect(caller.tokens.list({ data: {} })).rejects.toEqual(forbidden)
      await expect(caller.tokens.create({ data: { name: 'x', scopes: ['registry:read'] } })).rejects.toEqual(forbidden)
      await expect(caller.tokens.revoke({ data: { id: 'x', reason: 'because' } })).rejects.toEqual(forbidden)
      await expect(caller.sessions.list({ data: { userId: null } })).rejects.toEqual(forbidden)
      await expect(caller.sessions.list({ data: { userId: admin.id } })).rejects.toEqual(forbidden)
    }
  })

  it('lets nobody else at anything, and service tokens only at themselves', async () => {
    await expect(t.caller(null).me({ data: {} })).rejects.toEqual(failsWith('UNAUTHENTICATED'))
    const { secret } = await t
      .caller(admin)
      .tokens.create({ data: { name: 'ci', scopes: ['registry:read', 'registry:write'] } })
    const caller = t.caller(await t.bearer(secret))
    expect(await caller.me({ data: {} })).toMatchObject({
      kind: 'token',
      name: 'ci',
      role: null,
      email: null,
      session: null,
    })
    const forbidden = failsWith('FORBIDDEN')
    await expect(caller.users.list({ data: {} })).rejects.toEqual(forbidden)
    await expect(caller.tokens.create({ data: { name: 'more', scopes: ['journal:read'] } })).rejects.toEqual(forbidden)
    await expect(caller.sessions.list({ data: {} })).rejects.toEqual(forbidden)
    await expect(caller.account.setPassword({ data: { password: 'correct horse' } })).rejects.toEqual(forbidden)
  })

  it('lets the admin token manage, and change no account, having none', async () => {
    const caller = t.caller(await t.bearer(ADMIN_TOKEN))
    expect((await caller.users.list({ data: {} })).users).toHaveLength(1)
    expect(await caller.sessions.list({ data: {} })).toEqual({ sessions: [] })
    await expect(caller.account.update({ data: { name: 'x', email: 'x@y' } })).rejects.toEqual(failsWith('FORBIDDEN'))
  })
})

describe('users', () => {
  it('come in by a link that is shown once, and is in no log of what happened', async () => {
    const operation = {
      id: 'operation-1',
      data: { email: 'Ada@Example.org', name: ' Ada ', role: 'operator' as const },
    }
    const { user, link } = await t.caller(admin).users.invite(operation)
    expect(user).toMatchObject({ email: 'ada@example.org', name: 'Ada', role: 'operator', hasPassword: false })
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:3000\/sign-in\?token=/)
    const stored = await t.file.store.read(async (tx) => [
      await tx.q.journal.list({ limit: 100 }),
      await tx.q.audit.list({ limit: 100 }),
      await tx.q.operations.get(admin.id, 'operation-1'),
    ])
    expect(JSON.stringify(stored)).toContain('ada@example.org')
    expect(JSON.stringify(stored)).not.toContain(secretOf(link))
    // The answer was lost and the invitation is sent again: one user, and a link that works in place of the lost one.
    const again = await t.caller(admin).users.invite(operation)
    expect(again.user.id).toBe(user.id)
    await expect(t.auth.signIn.byLink(secretOf(link), DEVICE)).rejects.toThrow(/newer one/)
    expect((await t.auth.signIn.byLink(secretOf(again.link), DEVICE)).user.id).toBe(user.id)
  })

  it('have an address of their own', async () => {
    await t.member('ada@example.org', 'viewer')
    const twice = t.caller(admin).users.invite({ data: { email: 'ADA@example.org', name: 'Ada', role: 'viewer' } })
    await expect(twice).rejects.toEqual(failsWith('CONFLICT'))
    for (const email of ['ada', '@b', 'a@', 'a b@c', 'a@b\n', `${'a'.repeat(300)}@b`]) {
      const bad = t.caller(admin).users.invite({ data: { email, name: 'x', role: 'viewer' } })
      if (email !== 'a@b\n') await expect(bad, email).rejects.toMatchObject({ code: 'BAD_REQUEST' })
      else expect((await bad).user.email).toBe('a@b')
    }
  })

  it('get another role at once: the old one is good for nothing more', async () => {
    const { id, secret, principal } = await t.member('ada@example.org', 'operator')
    let told = 0
    t.auth.onRevoked(principal, () => told++)
    const caller = t.caller(principal)
    await t.caller(admin).users.setRole({ data: { id, role: 'viewer', reason: 'on leave' } })
    await expect(caller.me({ data: {} })).rejects.toEqual(failsWith('UNAUTHENTICATED', /revoked/))
    await t.settle()
    expect(told).toBe(1)
    expect(await t.cookie(secret)).toMatchObject({ role: 'viewer', active: true })
    expect(await lastAudit()).toMatchObject({
      actor: 'user:admin@localhost',
      action: 'user.role-changed',
      target: `user/${id}`,
      reason: 'on leave',
      before: { role: 'operator' },
      after: { role: 'viewer' },
    })
    expect((await events())[0]).toMatchObject({
      kind: 'user.role-changed',
      key: `user/${id}`,
      value: { role: 'viewer' },
    })
  })

  it('that are removed are out at once, with their sessions and links', async () => {
    const { id, secret, principal } = await t.member('ada@example.org', 'admin')
    const { link } = await t.caller(admin).users.link({ data: { id } })
    await expect(t.caller(admin).users.remove({ data: { id, reason: '  ' } })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
    await t.caller(admin).users.remove({ data: { id, reason: 'left the company' } })
    expect(principal.active).toBe(false)
    expect(await t.cookie(secret)).toBeNull()
    await expect(t.auth.signIn.byLink(secretOf(link), DEVICE)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(t.caller(admin).users.remove({ data: { id, reason: 'again' } })).rejects.toEqual(
      failsWith('NOT_FOUND'),
    )
    expect((await events())[0]).toMatchObject({ kind: 'user.removed', value: null })
  })

  it('always include an admin', async () => {
    const conflict = failsWith('CONFLICT', /last admin/)
    const caller = t.caller(admin)
    await expect(caller.users.remove({ data: { id: admin.id, reason: 'goodbye' } })).rejects.toEqual(conflict)
    await expect(caller.users.setRole({ data: { id: admin.id, role: 'viewer', reason: 'rest' } })).rejects.toEqual(
      conflict,
    )
    expect(admin.active).toBe(true)
  })

  it('always include an admin, also when two remove each other at once', async () => {
    const other = await t.member('ada@example.org', 'admin')
    const results = await Promise.allSettled([
      t.caller(admin).users.setRole({ data: { id: other.id, role: 'viewer', reason: 'a coup' } }),
      t.caller(other.principal).users.setRole({ data: { id: admin.id, role: 'viewer', reason: 'a coup' } }),
    ])
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    expect(await t.file.store.read((tx) => tx.q.identity.countAdmins())).toBe(1)
  })

  it('are listed with what an admin needs, and no hash', async () => {
    await t.caller(admin).account.setPassword({ data: { password: 'correct horse battery' } })
    const { users } = await t.caller(admin).users.list({ data: {} })
    expect(users).toEqual([
      {
        id: admin.id,
        email: 'admin@localhost',
        name: 'Admin',
        role: 'admin',
        hasPassword: true,
        createdAt: t.clock.wall(),
        lastSignInAt: t.clock.wall(),
        sessions: 1,
      },
    ])
  })
})

describe('an account', () => {
  it('changes its name and address without signing out', async () => {
    const { user } = await t.caller(admin).account.update({ data: { name: 'Grace', email: 'grace@example.org' } })
    expect(user).toMatchObject({ name: 'Grace', email: 'grace@example.org' })
    expect(admin).toMatchObject({ active: true, name: 'Grace', actor: 'user:grace@example.org' })
    await t.member('ada@example.org', 'viewer')
    const taken = t.caller(admin).account.update({ data: { name: 'Grace', email: 'ada@example.org' } })
    await expect(taken).rejects.toEqual(failsWith('CONFLICT'))
  })

  it('sets a password, which ends the other sessions and is stored nowhere', async () => {
    const { id, secret, principal } = await t.member('ada@example.org', 'viewer')
    const link = secretOf((await t.caller(admin).users.link({ data: { id } })).link)
    const second = await t.auth.signIn.byLink(link, DEVICE)
    const other = (await t.cookie(second.secret)) as Principal
    const password = 'a secret of mine'
    await t.caller(principal).account.setPassword({ id: 'operation-2', data: { password } })
    expect(principal.active).toBe(true)
    expect(other.active).toBe(false)
    expect(await t.cookie(secret)).toBe(principal)
    expect((await t.auth.signIn.byPassword('ada@example.org', password, DEVICE)).user.id).toBe(id)
    const rows = await t.file.store.read(async (tx) => [
      await tx.q.journal.list({ limit: 100 }),
      await tx.q.audit.list({ limit: 100 }),
      await tx.q.operations.get(id, 'operation-2'),
    ])
    expect(JSON.stringify(rows)).not.toMatch(/a secret of mine|scrypt/)
    expect(rows[2]).toBeNull()
  })

  it('asks for the present password once the link is an hour old', async () => {
    const caller = t.caller(admin)
    await caller.account.setPassword({ data: { password: 'correct horse battery' } })
    await caller.account.setPassword({ data: { password: 'another horse entirely' } })
    t.clock.advance(3_600_000)
    const next = { password: 'a third horse' }
    await expect(caller.account.setPassword({ data: next })).rejects.toEqual(
      failsWith('VALIDATION', /present password/),
    )
    await expect(caller.account.setPassword({ data: { ...next, current: 'wrong' } })).rejects.toEqual(
      failsWith('FORBIDDEN'),
    )
    await caller.account.setPassword({ data: { ...next, current: 'another horse entirely' } })
  })

  it('lets one of two changes at once win', async () => {
    const caller = t.caller(admin)
    const results = await Promise.allSettled([
      caller.account.setPassword({ data: { password: 'the first of two' } }),
      caller.account.setPassword({ data: { password: 'the second of two' } }),
    ])
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({ reason: failsWith('CONFLICT') })
  })

  it('is no place for guessing', async () => {
    const caller = t.caller(admin)
    await caller.account.setPassword({ data: { password: 'correct horse battery' } })
    t.clock.advance(3_600_000)
    for (let i = 0; i < 10; i++) {
      const wrong = caller.account.setPassword({ data: { password: 'a third horse', current: `${i}` } })
      await expect(wrong).rejects.toEqual(failsWith('FORBIDDEN'))
    }
    const right = caller.account.setPassword({ data: { password: 'a third horse', current: 'correct horse battery' } })
    await expect(right).rejects.toEqual(failsWith('RATE_LIMITED'))
  }, 60_000)

  it.each(['short', 'aaaaaaaaaaaa', 'admin@localhost', 'x'.repeat(201)])('refuses %j', async (password) => {
    await expect(t.caller(admin).account.setPassword({ data: { password } })).rejects.toEqual(failsWith('VALIDATION'))
  })
})

describe('tokens', () => {
  const data = { name: 'ci', scopes: ['registry:read' as const], services: ['payments'], expiresInMs: 3_600_000 }

  it('are shown once, and limited to what they were given', async () => {
    const { token, secret } = await t.caller(admin).tokens.create({ id: 'operation-3', data })
    expect(token).toMatchObject({ name: 'ci', scopes: ['registry:read'], services: ['payments'], revokedAt: null })
    expect(token.expiresAt).toBe(t.clock.wall() + 3_600_000)
    expect(secret.startsWith(token.prefix)).toBe(true)
    expect(await t.bearer(secret)).toMatchObject({ services: ['payments'], scopes: ['registry:read'] })
    const stored = await t.file.store.read(async (tx) => [
      await tx.q.journal.list({ limit: 100 }),
      await tx.q.audit.list({ limit: 100 }),
      await tx.q.operations.get(admin.id, 'operation-3'),
    ])
    expect(JSON.stringify(stored)).not.toContain(secret.slice(12))
    const again = t.caller(admin).tokens.create({ id: 'operation-3', data })
    await expect(again).rejects.toEqual(failsWith('CONFLICT', /shown then/))
  })

  it('have a name of their own, which is free again once revoked', async () => {
    const first = await t.caller(admin).tokens.create({ data })
    await expect(t.caller(admin).tokens.create({ data })).rejects.toEqual(failsWith('CONFLICT', /already/))
    await t.caller(admin).tokens.revoke({ data: { id: first.token.id, reason: 'leaked' } })
    await t.caller(admin).tokens.create({ data })
    const { tokens } = await t.caller(admin).tokens.list({ data: {} })
    expect(tokens.map((token) => token.revokedAt !== null)).toEqual([false, true])
    expect(JSON.stringify(tokens)).not.toContain('hash')
  })

  it('are refused at once when revoked', async () => {
    const { token, secret } = await t.caller(admin).tokens.create({ data })
    const principal = (await t.bearer(secret)) as Principal
    let told = 0
    t.auth.onRevoked(principal, () => told++)
    await t.caller(admin).tokens.revoke({ data: { id: token.id, reason: 'leaked' } })
    await expect(t.caller(principal).me({ data: {} })).rejects.toEqual(failsWith('UNAUTHENTICATED'))
    expect(await t.bearer(secret)).toBeNull()
    await t.settle()
    expect(told).toBe(1)
    expect(await lastAudit()).toMatchObject({ action: 'token.revoked', target: `token/${token.id}`, reason: 'leaked' })
    const again = t.caller(admin).tokens.revoke({ data: { id: token.id, reason: 'leaked' } })
    await expect(again).rejects.toEqual(failsWith('CONFLICT'))
  })

  it.each([
    { ...data, scopes: [] },
    { ...data, scopes: ['everything'] },
    { ...data, services: [] },
    { ...data, name: 'a b' },
    { ...data, expiresInMs: -1 },
  ])('refuse bad input %#', async (bad) => {
    await expect(t.caller(admin).tokens.create({ data: bad as never })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})

describe('sessions', () => {
  it('are seen and ended by their user, without a reason', async () => {
    const { id, principal } = await t.member('ada@example.org', 'viewer')
    const second = await t.auth.signIn.byLink(secretOf((await t.caller(admin).users.link({ data: { id } })).link), {
      address: '192.0.2.1',
      userAgent: 'another browser',
    })
    const { sessions } = await t.caller(principal).sessions.list({ data: {} })
    expect(sessions).toHaveLength(2)
    expect(sessions.map((session) => session.current).sort()).toEqual([false, true])
    expect(JSON.stringify(sessions)).not.toContain('hash')
    const other = sessions.find((session) => !session.current)
    await t.caller(principal).sessions.revoke({ data: { id: other?.id ?? '' } })
    expect(await t.cookie(second.secret)).toBeNull()
    expect(principal.active).toBe(true)
  })

  it('of others are ended by admins, with a reason', async () => {
    const ada = await t.member('ada@example.org', 'operator')
    const { sessions } = await t.caller(admin).sessions.list({ data: { userId: null } })
    expect(sessions).toHaveLength(2)
    const hers = sessions.find((session) => session.userId === ada.id)?.id ?? ''
    const mine = sessions.find((session) => session.userId === admin.id)?.id ?? ''
    const unseen = t.caller(ada.principal).sessions.revoke({ data: { id: mine, reason: 'because' } })
    await expect(unseen).rejects.toEqual(failsWith('NOT_FOUND'))
    await expect(t.caller(admin).sessions.revoke({ data: { id: hers } })).rejects.toEqual(failsWith('VALIDATION'))
    await t.caller(admin).sessions.revoke({ data: { id: hers, reason: 'a lost laptop' } })
    expect(ada.principal.active).toBe(false)
    expect(await lastAudit()).toMatchObject({
      action: 'session.ended',
      target: `user/${ada.id}`,
      reason: 'a lost laptop',
    })
  })
})
