/** For tests: identity on a real database file, with a clock that moves only when told to, and procedures as a client calls them. */

import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import { FakeClock } from '../../core/clock.ts'
import { type TestStore, testStore } from '../../db/test-store.ts'
import { adminRouter } from '../api/admin.ts'
import { Closing } from '../api/closing.ts'
import { createCallerFactory } from '../api/trpc.ts'
import { Auth } from '../auth.ts'
import { clientAddress } from '../client-address.ts'
import type { Engines } from '../engines.ts'
import type { Principal } from '../principal.ts'
import { cookieName } from './cookies.ts'

export const ADMIN_TOKEN = 'an-admin-token-of-at-least-32-characters'
export const DEVICE = { address: '127.0.0.1', userAgent: 'a browser' }

export const TEST_CONFIG = { publicUrl: 'http://127.0.0.1:3000', port: 3000, adminToken: ADMIN_TOKEN }

const callerOf = createCallerFactory(adminRouter)

export interface TestAuth extends AsyncDisposable {
  clock: FakeClock
  file: TestStore
  auth: Auth
  /** signs the first admin in */
  first(): Promise<{ secret: string; principal: Principal }>
  /** who has this cookie */
  cookie(secret: string): Promise<Principal | null>
  bearer(token: string): Promise<Principal | null>
  caller(principal: Principal | null): ReturnType<typeof callerOf>
  /** invites and signs in */
  member(
    email: string,
    role: 'viewer' | 'operator' | 'admin',
  ): Promise<{ id: string; secret: string; principal: Principal }>
  /** lets what was told after a turn of the event loop arrive */
  settle(): Promise<void>
}

export const secretOf = (link: string): string => link.slice(link.indexOf('=') + 1)

export async function testAuth(config = TEST_CONFIG): Promise<TestAuth> {
  const clock = new FakeClock()
  const file = await testStore(clock)
  const log = pino({ level: 'silent' })
  const auth = new Auth({ store: file.store, clock, log, config: () => config, clientAddress: clientAddress([]) })
  const t: TestAuth = {
    clock,
    file,
    auth,
    async first() {
      const link = (await auth.ensureFirstLink()) as string
      const { secret } = await auth.signIn.byLink(secretOf(link), DEVICE)
      return { secret, principal: (await t.cookie(secret)) as Principal }
    },
    cookie: (secret) => auth.authenticate({ cookie: `${cookieName(config)}=${secret}`, remoteAddress: '' }),
    bearer: (token) => auth.authenticate({ authorization: `Bearer ${token}`, remoteAddress: '' }),
    caller(principal) {
      const engines = { auth, store: file.store, clock, log, config } as unknown as Engines
      return callerOf({
        principal,
        engines,
        remoteAddress: '',
        flow: null,
        closing: new Closing(),
        subscriptions: { open: 0 },
      })
    },
    async member(email, role) {
      const admin = await t.bearer(ADMIN_TOKEN)
      const { user, link } = await t.caller(admin).users.invite({ data: { email, name: email, role } })
      const { secret } = await auth.signIn.byLink(secretOf(link), DEVICE)
      return { id: user.id, secret, principal: (await t.cookie(secret)) as Principal }
    },
    settle: () => turn(),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
  return t
}
