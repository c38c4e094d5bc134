/** For tests: a migrated database file of its own, copied from one that is migrated once a process. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Clock, FakeClock } from '../core/clock.ts'
import { ServiceUnavailableError } from '../core/errors.ts'
import { SqliteStore } from './sqlite.ts'
import type { Store } from './store.ts'

export const MIGRATIONS = join(dirname(fileURLToPath(import.meta.url)), 'migrations')

let template: string | null = null

async function migrated(): Promise<string> {
  if (template) return template
  const path = join(mkdtempSync(join(tmpdir(), 'holdfast-template-')), 'holdfast.db')
  const fatal = (error: Error) => {
    throw error
  }
  await new SqliteStore({ path, migrations: MIGRATIONS, clock: new FakeClock(), onFatal: fatal }).close()
  template = path
  return path
}

export interface TestStore extends AsyncDisposable {
  store: SqliteStore
  path: string
  /** Opens the same file again, as a restart would. */
  reopen(): Promise<SqliteStore>
}

export async function testStore(clock: Clock = new FakeClock(), onFatal?: (error: Error) => void): Promise<TestStore> {
  const path = join(mkdtempSync(join(tmpdir(), 'holdfast-test-')), 'holdfast.db')
  copyFileSync(await migrated(), path)
  const open = () =>
    new SqliteStore({
      path,
      migrations: MIGRATIONS,
      clock,
      onFatal:
        onFatal ??
        ((error) => {
          throw error
        }),
    })
  const test: TestStore = {
    path,
    store: open(),
    async reopen() {
      await test.store.close()
      test.store = open()
      return test.store
    },
    async [Symbol.asyncDispose]() {
      await test.store.close()
      rmSync(dirname(path), { recursive: true, force: true })
    },
  }
  return test
}

/** A store that takes no writes for a while: too many wait. */
export function crowded() {
  const gate = { closed: false, refused: 0 }
  const wrap = (store: Store): Store =>
    new Proxy(store, {
      get(target, key) {
        const value = Reflect.get(target, key, target)
        if (key !== 'transact') return typeof value === 'function' ? value.bind(target) : value
        return (...args: Parameters<Store['transact']>) => {
          if (!gate.closed) return target.transact(...args)
          gate.refused += 1
          return Promise.reject(new ServiceUnavailableError('Too many writes are waiting. Try again shortly.'))
        }
      },
    })
  return { gate, wrap }
}
