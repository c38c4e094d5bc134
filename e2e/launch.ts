/** Starts the built product as a user would, on a port and a database of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const ADMIN_TOKEN = 'an-admin-token-for-tests-only-0123456789'

export interface Launched {
  url: string
  port: number
  /** where its gateway takes requests; empty without one */
  gatewayUrl: string
  folder: string
  process: ChildProcess
  /** everything printed so far */
  output(): string
  /** milliseconds from the start of the process to the answer that was waited for */
  startedMs: number
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code and how long it took, milliseconds */
  stop(): Promise<{ code: number | null; tookMs: number }>
}

export interface LaunchOptions {
  args?: string[]
  env?: Record<string, string>
  /** an earlier one's folder, to go on with its database */
  folder?: string
  port?: number
  /** with a gateway of one worker; it outlives a control plane that is killed, so end those by `stop` */
  gateway?: boolean
  /** the longest file that it may write, in bytes: a disk that takes no more */
  fileMax?: number
  /** `healthz`: the API answers; `readyz`: the pages too */
  until?: 'healthz' | 'readyz'
}

export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'holdfast-e2e-'))
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

export async function launch(options: LaunchOptions = {}): Promise<Launched> {
  const folder = options.folder ?? newFolder()
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const gatewayPort = options.gateway ? await freePort() : null
  const started = performance.now()
  const program = [process.execPath, join(root, 'dist', 'server', 'main.js'), ...(options.args ?? [])]
  // The limit of a shell is counted in blocks of 512 bytes; node itself ignores the signal that comes with it.
  const limited = `ulimit -f ${Math.ceil((options.fileMax ?? 0) / 512)}; exec "$0" "$@"`
  const [file = '', ...args] = options.fileMax === undefined ? program : ['sh', '-c', limited, ...program]
  const child = spawn(file, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      HOLDFAST_PORT: String(port),
      // A gateway outlives a control plane that is killed: those who test it ask for one.
      HOLDFAST_GATEWAY_WORKERS: gatewayPort === null ? '0' : '1',
      ...(gatewayPort === null ? {} : { HOLDFAST_GATEWAY_PORT: String(gatewayPort) }),
      HOLDFAST_ADMIN_TOKEN: ADMIN_TOKEN,
      HOLDFAST_DATABASE_URL: `file:${join(folder, 'holdfast.db')}`,
      HOLDFAST_LOG_LEVEL: 'info',
      ...options.env,
    },
  })
  let output = ''
  const keep = (part: Buffer) => {
    output = (output + part.toString()).slice(-200_000)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const exited = once(child, 'exit') as Promise<[number | null]>
  const launched: Launched = {
    url,
    port,
    gatewayUrl: gatewayPort === null ? '' : `http://127.0.0.1:${gatewayPort}`,
    folder,
    process: child,
    output: () => output,
    startedMs: 0,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      const asked = performance.now()
      child.kill('SIGTERM')
      const [code] = await exited
      return { code, tookMs: performance.now() - asked }
    },
  }
  const path = `${url}/${options.until ?? 'readyz'}`
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the control plane ended with ${child.exitCode}:\n${output}`)
    const answer = await fetch(path).catch(() => null)
    if (answer?.ok) break
    if (performance.now() - started > 60_000) throw new Error(`not up after 60 s:\n${output}`)
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
  launched.startedMs = performance.now() - started
  return launched
}

/** The one-time link of the first admin, as it is printed. */
export function firstLink({ output }: Pick<Launched, 'output'>): string {
  const link = /Sign in, once, with: (\S+)/.exec(output())?.[1]
  if (!link) throw new Error(`no link was printed:\n${output()}`)
  return link
}
