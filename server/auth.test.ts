import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuditEntry } from '../db/queries.ts'
import { ADMIN_TOKEN, DEVICE, secretOf, type TestAuth, testAuth } from './auth/test-auth.ts'
import { Auth } from './auth.ts'
import { clientAddress } from './client-address.ts'
import type { Principal } from './principal.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let t: TestAuth
beforeEach(async () => {
  t = await testAuth()
})
afterEach(() => t[Symbol.asyncDispose]())

const audit = (): Promise<AuditEntry[]> => t.file.store.read((tx) => tx.q.audit.list({ limit: 100 }))
const journal = () => t.file.store.read((tx) => tx.q.journal.list({ limit: 100 }))

describe('the first link', () => {
  it('makes the first admin, who is asked for nothing', async () => {
    const link = await t.auth.ensureFirstLink()
    expect(link).toMatch(/^\/sign-in\?token=[A-Za-z0-9_-]{43}$/)
    expect(await t.auth.hasAdmin()).toBe(false)
    const { user, secret } = await t.auth.signIn.byLink(secretOf(link as string), DEVICE)
    expect(user).toMatchObject({ email: 'admin@localhost', role: 'admin', hasPassword: false })
    expect(await t.cookie(secret)).toMatchObject({
      kind: 'user',
      role: 'admin',
      actor: 'user:admin@localhost',
      active: true,
    })
    expect(await t.auth.hasAdmin()).toBe(true)
    expect((await audit()).map((row) => [row.actor, row.action])).toEqual([
      ['user:admin@localhost', 'session.signed-in'],
      ['user:admin@localhost', 'user.created'],
    ])
  })

  it('is not offered once there is an admin', async () => {
    await t.first()
    expect(await t.auth.ensureFirstLink()).toBeNull()
  })

  it('is replaced at the next start, and the old one is worthless', async () => {
    const old = (await t.auth.ensureFirstLink()) as string
    const fresh = (await t.auth.ensureFirstLink()) as string
    await expect(t.auth.signIn.byLink(secretOf(old), DEVICE)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await t.auth.signIn.byLink(secretOf(fresh), DEVICE)
  })

  it('makes no second admin when somebody else became one meanwhile', async () => {
    const link = (await t.auth.ensureFirstLink()) as string
    await t.member('ada@example.org', 'admin')
    await expect(t.auth.signIn.byLink(secretOf(link), DEVICE)).rejects.toThrow(/no use/)
  })

  it('gives the address its role back when it was invited as something less', async () => {
    const link = (await t.auth.ensureFirstLink()) as string
    await t.member('admin@localhost', 'viewer')
    const { user } = await t.auth.signIn.byLink(secretOf(link), DEVICE)
    expect(user.role).toBe('admin')
  })
})

describe('a link', () => {
  it('works once', async () => {
    const link = secretOf((await t.auth.ensureFirstLink()) as string)
    await t.auth.signIn.byLink(link, DEVICE)
    await expect(t.auth.signIn.byLink(link, DEVICE)).rejects.toThrow(/used already/)
  })

  it('lets exactly one of two in who use it at once', async () => {
    const link = secretOf((await t.auth.ensureFirstLink()) as string)
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => t.auth.signIn.byLink(link, DEVICE)))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    const users = await t.file.store.read((tx) => tx.q.identity.users())
    expect(users).toHaveLength(1)
    expect(await t.file.store.read((tx) => tx.q.identity.sessions(null, 10))).toHaveLength(1)
  })

  it('expires after 24 hours', async () => {
    const link = secretOf((await t.auth.ensureFirstLink()) as string)
    t.clock.advance(DAY)
    await expect(t.auth.signIn.byLink(link, DEVICE)).rejects.toThrow(/expired/)
  })

  it('is still good just before', async () => {
    const link = secretOf((await t.auth.ensureFirstLink()) as string)
    t.clock.advance(DAY - 1)
    await t.auth.signIn.byLink(link, DEVICE)
  })

  it.each(['', 'x', 'x'.repeat(43), '../../../etc/passwd', "' or 1=1 --", 'é'.repeat(43)])(
    '%j is none',
    async (token) => {
      await expect(t.auth.signIn.byLink(token, DEVICE)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    },
  )

  it('can be had by whoever commands the machine, without a journal entry', async () => {
    const first = secretOf(await t.auth.recoveryLink())
    await t.auth.signIn.byLink(first, DEVICE)
    const entries = (await journal()).length
    const again = secretOf(await t.auth.recoveryLink())
    expect(await journal()).toHaveLength(entries)
    expect((await audit())[0]).toMatchObject({ actor: 'system', action: 'user.link-issued' })
    const { user } = await t.auth.signIn.byLink(again, DEVICE)
    expect(user.email).toBe('admin@localhost')
    await expect(t.auth.issueLink('nobody@example.org')).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})

describe('a session', () => {
  it('ends when it is not used for a week, and goes on while it is', async () => {
    const { secret } = await t.first()
    for (let i = 0; i < 3; i++) {
      t.clock.advance(6 * DAY)
      expect(await t.cookie(secret)).not.toBeNull()
      await t.auth.sweep()
    }
    t.clock.advance(7 * DAY)
    expect(await t.cookie(secret)).toBeNull()
  })

  it('ends after 30 days however much it is used', async () => {
    const { secret, principal } = await t.first()
    for (let day = 0; day < 29; day++) {
      t.clock.advance(DAY)
      expect(await t.cookie(secret)).toBe(principal)
    }
    let told = 0
    t.auth.onRevoked(principal, () => told++)
    t.clock.advance(DAY)
    expect(await t.cookie(secret)).toBeNull()
    await t.auth.sweep()
    await t.settle()
    expect(told).toBe(1)
    expect(principal.active).toBe(false)
  })

  it('counts as used while it is connected, also after a restart', async () => {
    const { secret, principal } = await t.first()
    t.auth.onRevoked(principal, () => {})
    t.clock.advance(6 * DAY)
    await t.auth.sweep()
    const later = new Auth({ ...options(), store: await t.file.reopen() })
    t.clock.advance(6 * DAY)
    expect(await later.authenticate({ cookie: `holdfast_3000=${secret}`, remoteAddress: '' })).not.toBeNull()
  })

  it('ends at once when signed out', async () => {
    const { secret, principal } = await t.first()
    let told = 0
    t.auth.onRevoked(principal, () => told++)
    await t.auth.signIn.out(secret)
    expect(principal.active).toBe(false)
    expect(await t.cookie(secret)).toBeNull()
    await t.settle()
    expect(told).toBe(1)
    expect((await audit())[0]).toMatchObject({ action: 'session.ended', reason: 'signed out' })
    await t.auth.signIn.out(secret)
  })

  it('is not believed from a look-up that began before it ended', async () => {
    const { secret } = await t.first()
    const fresh = new Auth(options())
    const looking = fresh.authenticate({ cookie: `holdfast_3000=${secret}`, remoteAddress: '' })
    await t.auth.signIn.out(secret)
    const principal = await looking
    expect(principal === null || !principal.active || (await t.cookie(secret)) === null).toBe(true)
    expect(await fresh.authenticate({ cookie: `holdfast_3000=${secret}`, remoteAddress: '' })).toBeNull()
  })

  it('is one principal for all requests at once', async () => {
    const { secret } = await t.first()
    const fresh = new Auth(options())
    const cookie = `theme=dark; holdfast_3000=${secret}; holdfast_3001=${'x'.repeat(43)}`
    const all = await Promise.all(Array.from({ length: 10 }, () => fresh.authenticate({ cookie, remoteAddress: '' })))
    expect(new Set(all).size).toBe(1)
    expect(all[0]).not.toBeNull()
  })

  it('makes place for the 51st of a user', async () => {
    const { secret } = await t.first()
    const user = (await t.file.store.read((tx) => tx.q.identity.users()))[0]
    for (let i = 0; i < 50; i++) {
      t.clock.advance(7_000)
      await t.auth.signIn.byLink(secretOf(await t.auth.issueLink(user?.email ?? '')), DEVICE)
    }
    expect(await t.file.store.read((tx) => tx.q.identity.sessions(null, 100))).toHaveLength(50)
    expect(await t.cookie(secret)).toBeNull()
  })
})

describe('bearer tokens', () => {
  const grant = { name: 'ci', scopes: ['registry:read'] as const, services: null, expiresAt: null }

  it('are known by their hash only', async () => {
    const secret = await t.auth.issueToken(grant)
    expect(secret).toMatch(/^hf_[A-Za-z0-9_-]{43}$/)
    const principal = await t.bearer(secret)
    expect(principal).toMatchObject({ kind: 'token', actor: 'token:ci', role: null, scopes: ['registry:read'] })
    expect(await t.bearer(secret)).toBe(principal)
    await t.file.store.close()
    const bytes = readFileSync(t.file.path)
    expect(bytes.includes(secret)).toBe(false)
    expect(bytes.includes(secret.slice(3))).toBe(false)
    expect(bytes.includes('token.created')).toBe(true)
    t = await testAuth()
  })

  it('of an earlier run are replaced', async () => {
    const old = await t.auth.issueToken(grant)
    const before = (await t.bearer(old)) as Principal
    const fresh = await t.auth.issueToken(grant)
    expect(before.active).toBe(false)
    expect(await t.bearer(old)).toBeNull()
    expect(await t.bearer(fresh)).not.toBeNull()
  })

  it('expire, also those that are connected', async () => {
    const secret = await t.auth.issueToken({ ...grant, expiresAt: t.clock.wall() + HOUR })
    const principal = (await t.bearer(secret)) as Principal
    let told = 0
    t.auth.onRevoked(principal, () => told++)
    t.clock.advance(HOUR)
    expect(await t.bearer(secret)).toBeNull()
    await t.auth.sweep()
    await t.settle()
    expect(told).toBe(1)
  })

  it('say when they were last used, stored seldom', async () => {
    const secret = await t.auth.issueToken(grant)
    const lastUsed = async () => (await t.file.store.read((tx) => tx.q.identity.tokens(10)))[0]?.lastUsedAt
    await t.bearer(secret)
    await t.auth.sweep()
    const first = await lastUsed()
    expect(first).toBe(t.clock.wall())
    t.clock.advance(30_000)
    await t.bearer(secret)
    await t.auth.sweep()
    expect(await lastUsed()).toBe(first)
    t.clock.advance(30_000)
    await t.bearer(secret)
    await t.auth.sweep()
    expect(await lastUsed()).toBe(t.clock.wall())
  })

  it('of the configuration hold the admin role', async () => {
    expect(await t.bearer(ADMIN_TOKEN)).toMatchObject({ kind: 'admin-token', role: 'admin', active: true })
    expect(await t.bearer(`${ADMIN_TOKEN}x`)).toBeNull()
    expect(await t.bearer(ADMIN_TOKEN.slice(1))).toBeNull()
    expect(await t.auth.authenticate({ connectionToken: ADMIN_TOKEN, remoteAddress: '' })).toMatchObject({
      role: 'admin',
    })
    const without = new Auth({ ...options(), config: () => ({ publicUrl: '', port: 3000, adminToken: null }) })
    expect(await without.authenticate({ authorization: `Bearer ${ADMIN_TOKEN}`, remoteAddress: '' })).toBeNull()
  })

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'Bearer a b',
    `Bearer hf_${'x'.repeat(43)}`,
    'Bearer hf_',
    `Bearer ${'x'.repeat(9_000)}`,
  ])('%j is nobody, also beside a good cookie', async (authorization) => {
    const { secret } = await t.first()
    const cookie = `holdfast_3000=${secret}`
    expect(await t.auth.authenticate({ authorization, cookie, remoteAddress: '' })).toBeNull()
  })

  it('in a cookie or without anything are nobody', async () => {
    const secret = await t.auth.issueToken(grant)
    expect(await t.cookie(secret)).toBeNull()
    expect(await t.auth.authenticate({ remoteAddress: '' })).toBeNull()
    expect(await t.auth.authenticate({ cookie: 'holdfast_3000=', remoteAddress: '' })).toBeNull()
  })
})

it('prunes what is over, and nothing else', async () => {
  await t.first()
  const revoked = await t.auth.issueToken({ name: 'a', scopes: ['registry:read'], services: null, expiresAt: null })
  await t.auth.issueToken({ name: 'a', scopes: ['registry:read'], services: null, expiresAt: null })
  await t.auth.prune()
  const counts = () =>
    t.file.store.read(async (tx) => [
      (await tx.q.identity.sessions(null, 10)).length,
      (await tx.q.identity.tokens(10)).length,
    ])
  expect(await counts()).toEqual([1, 2])
  t.clock.advance(91 * DAY)
  await t.auth.prune()
  expect(await counts()).toEqual([0, 1])
  expect(await t.bearer(revoked)).toBeNull()
})

function options() {
  const config = { publicUrl: 'http://127.0.0.1:3000', port: 3000, adminToken: ADMIN_TOKEN }
  const log = { warn() {} } as never
  return { store: t.file.store, clock: t.clock, log, config: () => config, clientAddress: clientAddress([]) }
}
