/**
 * The gateway's process: found by its local socket when it is there already, started otherwise, started again when it
 * dies. It is not tied to this process: traffic goes on while the control plane is restarted, or killed (G8).
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fullJitter } from '../core/backoff.ts'
import type { Hello } from '../core/gateway/view.ts'
import type { Auth } from './auth.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { hostForUrl } from './outbound/networks.ts'
import { GATEWAY_SCOPES } from './principal.ts'

const TOKEN_NAME = 'gateway'
/** A cold start of Node on a busy machine. */
const START_MS = 20_000
const LOOK_EVERY_MS = 50
const STOP_MS = 4_200
const RESTART = { initialDelayMs: 500, maxDelayMs: 30_000, multiplier: 2 }
const STABLE_MS = 10_000
/** A path of a local socket is at most so long on every system. */
const SOCKET_PATH_MAX = 100

export interface GatewayProcessOptions {
  config: () => Config
  auth: Auth
  log: Log
  root: string
  version: string
}

export type GatewayState =
  | { phase: 'starting' | 'waiting' | 'stopped' }
  | { phase: 'running'; hello: Hello; adopted: boolean }

export class GatewayProcess {
  readonly #options: GatewayProcessOptions
  readonly #folder: string
  readonly #path: string
  #state: GatewayState = { phase: 'starting' }
  #socket: Socket | null = null
  #stopping = false
  #strikes = 0
  #again: NodeJS.Timeout | null = null
  #pid: number | null = null

  constructor(options: GatewayProcessOptions) {
    this.#options = options
    const { databasePath } = options.config()
    this.#folder = dirname(databasePath)
    const beside = `${databasePath}.gateway.sock`
    const hash = createHash('sha256').update(databasePath).digest('hex').slice(0, 24)
    this.#path =
      beside.length <= SOCKET_PATH_MAX ? beside : join(tmpdir(), `holdfast-${process.getuid?.() ?? 0}-${hash}.sock`)
  }

  get state(): GatewayState {
    return this.#state
  }

  /** Resolves when a gateway takes requests, or has been given up for now; never throws. */
  async start(): Promise<void> {
    const { log } = this.#options
    try {
      const found = await this.#knock(500)
      if (found && this.#fits(found.hello)) {
        this.#follow(found.socket, found.hello, true)
        log.info({ gatewayPid: found.hello.pid, port: found.hello.port }, 'a gateway was running and is taken over')
        return
      }
      if (found) {
        log.info({ gatewayPid: found.hello.pid }, 'a gateway of another version or with other settings is replaced')
        await this.#end(found.socket, found.hello.pid)
      }
      await this.#launch()
    } catch (error) {
      log.error({ error: error instanceof Error ? error.message : error }, 'the gateway could not be started')
      this.#later()
    }
  }

  /** Ends it together with the control plane: drains, then is gone, within 4.2 s. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#again) clearTimeout(this.#again)
    const { state } = this
    if (this.#socket && state.phase === 'running') await this.#end(this.#socket, state.hello.pid)
    else if (this.#pid !== null) kill(this.#pid, 'SIGTERM')
    this.#state = { phase: 'stopped' }
  }

  #fits(hello: Hello): boolean {
    const { config, version } = this.#options
    const { gateway } = config()
    const port = gateway.port === 0 || hello.port === gateway.port
    return hello.version === version && port && hello.host === gateway.host && hello.workers === gateway.workers
  }

  async #launch(): Promise<void> {
    const { config: read, root, version, log } = this.#options
    const config = read()
    this.#state = { phase: 'starting' }
    const script = config.dev ? join(root, 'gateway', 'main.ts') : join(root, 'dist', 'gateway', 'main.js')
    const { HOLDFAST_ADMIN_TOKEN: _admin, ...env } = process.env
    const child = spawn(process.execPath, [...process.execArgv, script], {
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...env,
        HOLDFAST_URL: `http://${hostForUrl(config.host === '0.0.0.0' ? '127.0.0.1' : config.host === '::' ? '::1' : config.host)}:${config.port}`,
        HOLDFAST_TOKEN: await this.#token(),
        HOLDFAST_GATEWAY_HOST: config.gateway.host,
        HOLDFAST_GATEWAY_PORT: String(config.gateway.port),
        HOLDFAST_GATEWAY_WORKERS: String(config.gateway.workers),
        HOLDFAST_GATEWAY_TRUSTED: config.gateway.trusted.join(','),
        HOLDFAST_GATEWAY_MIDDLEWARE: config.gateway.middleware ?? '',
        HOLDFAST_GATEWAY_COPY: join(this.#folder, 'gateway-copy.json'),
        HOLDFAST_GATEWAY_CONTROL: this.#path,
        HOLDFAST_GATEWAY_VERSION: version,
      },
    })
    this.#pid = child.pid ?? null
    let ended: string | null = null
    child.once('exit', (code, signal) => {
      ended = signal ? `ended by ${signal}` : `ended with code ${code}`
    })
    child.once('error', (error) => {
      ended = error.message
    })
    child.unref()
    const deadline = performance.now() + START_MS
    for (;;) {
      if (this.#stopping) return
      if (ended !== null) throw new Error(`it ${ended} before it took requests`)
      const found = await this.#knock(LOOK_EVERY_MS * 4)
      if (found) {
        this.#follow(found.socket, found.hello, false)
        log.info({ gatewayPid: found.hello.pid, port: found.hello.port }, 'the gateway takes requests')
        return
      }
      if (performance.now() > deadline) {
        if (this.#pid !== null) kill(this.#pid, 'SIGKILL')
        throw new Error(`it took no requests within ${START_MS / 1000} s`)
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }

  /** A gateway that says hello; null: nobody is there, or not yet ready. */
  #knock(withinMs: number): Promise<{ socket: Socket; hello: Hello } | null> {
    return new Promise((resolve) => {
      const socket = connect(this.#path)
      const no = () => {
        clearTimeout(timer)
        socket.destroy()
        resolve(null)
      }
      const timer = setTimeout(no, withinMs)
      let text = ''
      socket.once('error', no)
      socket.once('close', no)
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8')
        const end = text.indexOf('\n')
        if (end < 0) return
        clearTimeout(timer)
        socket.removeAllListeners()
        try {
          resolve({ socket, hello: JSON.parse(text.slice(0, end)) as Hello })
        } catch {
          no()
        }
      })
    })
  }

  #follow(socket: Socket, hello: Hello, adopted: boolean): void {
    const { log } = this.#options
    const began = performance.now()
    this.#socket = socket
    this.#state = { phase: 'running', hello, adopted }
    socket.on('error', () => socket.destroy())
    socket.resume()
    socket.once('close', () => {
      this.#socket = null
      if (this.#stopping) return
      if (performance.now() - began > STABLE_MS) this.#strikes = 0
      log.error({ gatewayPid: hello.pid }, 'the gateway has ended; it is started again')
      this.#later()
    })
  }

  #later(): void {
    if (this.#stopping) return
    this.#state = { phase: 'waiting' }
    const delay = 200 + fullJitter(RESTART, this.#strikes++, Math.random)
    this.#again = setTimeout(() => void this.start(), delay)
    this.#again.unref()
  }

  #end(socket: Socket, pid: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        kill(pid, 'SIGKILL')
        socket.destroy()
      }, STOP_MS)
      socket.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
      socket.write('stop\n')
    })
  }

  /** The same token as before, so that a gateway that goes on running is still known after a restart of ours. */
  async #token(): Promise<string> {
    const { auth } = this.#options
    const path = join(this.#folder, 'gateway-token')
    if (existsSync(path)) {
      const kept = readFileSync(path, 'utf8').trim()
      if (await auth.isIssued(TOKEN_NAME, GATEWAY_SCOPES, kept)) return kept
    }
    const token = await auth.issueToken({
      name: TOKEN_NAME,
      scopes: GATEWAY_SCOPES,
      services: ['gateway'],
      expiresAt: null,
    })
    writeFileSync(path, `${token}\n`, { mode: 0o600 })
    return token
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}
