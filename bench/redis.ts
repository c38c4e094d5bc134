/** Redis from Debian's packages, every write on disk before it is answered, with its Node client (npm install --prefix bench). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../e2e/launch.ts'

export interface Redis {
  connect(): Promise<RedisConnection>
  stop(): void
}

export interface RedisConnection {
  /** SET NX PX, then a script that deletes what is still its own: no queue, no fence */
  lockPair(name: string, value: string): Promise<unknown>
  close(): void
}

interface Client {
  ping(): Promise<unknown>
  set(key: string, value: string, px: 'PX', ms: number, nx: 'NX'): Promise<unknown>
  evalsha(sha: string, keys: number, key: string, value: string): Promise<unknown>
  script(command: 'LOAD', text: string): Promise<string>
  on(event: 'error', listener: () => void): void
  disconnect(): void
}

const UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

/** Null when Redis or its client is not installed. */
export async function startRedis(): Promise<Redis | null> {
  const here = dirname(fileURLToPath(import.meta.url))
  if (spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status !== 0) return null
  if (!existsSync(join(here, 'node_modules', 'ioredis'))) return null
  const module = createRequire(join(here, 'package.json'))('ioredis') as { Redis: new (port: number) => Client }
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-redis-'))
  const port = await freePort()
  const server: ChildProcess = spawn(
    'redis-server',
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--auto-aof-rewrite-percentage', '0'],
    ],
    { stdio: 'ignore' },
  )
  const open = async (): Promise<Client> => {
    const client = new module.Redis(port)
    client.on('error', () => {})
    await client.ping()
    return client
  }
  const first = await open()
  const sha = await first.script('LOAD', UNLOCK)
  return {
    async connect() {
      const client = await open()
      return {
        async lockPair(name, value) {
          await client.set(name, value, 'PX', 10_000, 'NX')
          await client.evalsha(sha, 1, name, value)
        },
        close: () => client.disconnect(),
      }
    },
    stop() {
      first.disconnect()
      server.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
