/** etcd from Debian's packages with its Node client (npm install --prefix bench), when both are there. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../e2e/launch.ts'

export interface Etcd {
  put(key: string, value: string): Promise<unknown>
  /** all values under a prefix, linearizable */
  range(prefix: string): Promise<unknown>
  get(key: string): Promise<unknown>
  keepalive(): Promise<unknown>
  /** acquires a lock with a lease of its own and gives it back */
  lockPair(name: string): Promise<unknown>
  stop(): void
}

interface Client {
  put(key: string): { value(value: string): Promise<unknown> }
  get(key: string): { string(): Promise<unknown> }
  getAll(): { prefix(prefix: string): { strings(): Promise<unknown> } }
  lease(ttl: number, options: object): { grant(): Promise<unknown>; keepaliveOnce(): Promise<unknown> }
  lock(key: string): { ttl(seconds: number): { acquire(): Promise<{ release(): Promise<unknown> }> } }
  close(): void
}

/** Null when etcd or its client is not installed. */
export async function startEtcd(): Promise<Etcd | null> {
  const here = dirname(fileURLToPath(import.meta.url))
  if (spawnSync('etcd', ['--version'], { stdio: 'ignore' }).status !== 0) return null
  if (!existsSync(join(here, 'node_modules', 'etcd3'))) return null
  const { Etcd3 } = createRequire(join(here, 'package.json'))('etcd3') as { Etcd3: new (options: object) => Client }
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-etcd-'))
  const [client, peer] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${client}`
  const server: ChildProcess = spawn(
    'etcd',
    [
      ...['--data-dir', dir, '--listen-client-urls', url, '--advertise-client-urls', url],
      ...['--listen-peer-urls', `http://127.0.0.1:${peer}`, '--log-level', 'error'],
    ],
    { stdio: 'ignore' },
  )
  const etcd = new Etcd3({ hosts: url })
  for (let attempt = 0; ; attempt++) {
    try {
      await etcd.put('ready').value('1')
      break
    } catch (error) {
      if (attempt > 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  const lease = etcd.lease(60, { autoKeepAlive: false })
  await lease.grant()
  return {
    put: (key, value) => etcd.put(key).value(value),
    range: (prefix) => etcd.getAll().prefix(prefix).strings(),
    get: (key) => etcd.get(key).string(),
    lockPair: async (name) => (await etcd.lock(name).ttl(10).acquire()).release(),
    keepalive: () => lease.keepaliveOnce(),
    stop() {
      etcd.close()
      server.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
