/** What the pages reach of this process: Next compiles them as a graph of their own, so it is shared under one global key. */
import { Closing } from './api/closing.ts'
import { createCaller } from './api/root.ts'
import type { Config } from './config.ts'
import type { Engines } from './engines.ts'
import type { Principal } from './principal.ts'

export interface Holdfast {
  /** who a cookie header belongs to; null: nobody */
  authenticateCookie(cookie: string | undefined): Promise<Principal | null>
  /** calls procedures as `principal`, without a round trip */
  caller(principal: Principal): ReturnType<typeof createCaller>
  config: Pick<Config, 'publicUrl' | 'demo' | 'dev'>
}

const KEY = Symbol.for('holdfast')

export function publish(engines: Engines): void {
  const holdfast: Holdfast = {
    authenticateCookie: (cookie) => engines.auth.authenticate({ cookie, remoteAddress: '' }),
    caller: (principal) =>
      createCaller({
        principal,
        engines,
        remoteAddress: '',
        flow: null,
        closing: new Closing(),
        subscriptions: { open: 0 },
      }),
    config: engines.config,
  }
  ;(globalThis as Record<symbol, unknown>)[KEY] = holdfast
}
