/** The SDK's own connection, as its registration, heartbeats and discoveries travel; without the typed client on top. */

import { ADMIN_TOKEN } from '../e2e/launch.ts'
import { Connection } from '../sdk/connection.ts'

export interface Calls {
  query(path: string, data: unknown, consistencyLevel?: string): Promise<unknown>
  mutate(path: string, data: unknown): Promise<unknown>
  close(): void
}

export function openConnection(url: string): Promise<Calls> {
  const time = {
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    after(ms: number, run: () => void) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  }
  return new Promise((resolve) => {
    const connection = new Connection(url, ADMIN_TOKEN, time, Math.random, {
      opened: () =>
        resolve({
          query: (path, data, consistencyLevel) =>
            connection.request('query', path, { data, consistencyLevel }, 30_000),
          mutate: (path, data) => connection.request('mutation', path, { data }, 30_000),
          close: () => connection.close(),
        }),
      closed: () => {},
    })
    connection.start()
  })
}
