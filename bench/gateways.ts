/** Other gateways, each with one worker, in front of the same service. */
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

export interface Running {
  port: number
  pid: number
  stop(): void
}

/** A module of this folder, with TypeScript, that sends `{ port }` once it listens. */
export function forkHere(file: string, args: string[] = []): Promise<Running & { child: ChildProcess }> {
  return new Promise((resolve, reject) => {
    const child = fork(join(here, file), args, {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.once('message', (message: { port?: number }) => {
      resolve({ port: message.port ?? 0, pid: child.pid as number, child, stop: () => child.kill('SIGKILL') })
    })
    child.once('exit', () => reject(new Error(`${file} ended before it listened`)))
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

const CONFIGS: Record<
  string,
  (port: number, target: number, folder: string) => { file: string; text: string; args: string[]; env?: object }
> = {
  caddy: (port, target, folder) => ({
    file: 'Caddyfile',
    text: `{\n admin off\n auto_https off\n storage file_system ${folder}\n}\nhttp://127.0.0.1:${port} {\n bind 127.0.0.1\n reverse_proxy 127.0.0.1:${target}\n}\nhttp://bench.test:${port} {\n bind 127.0.0.1\n reverse_proxy 127.0.0.1:${target}\n}\n`,
    args: ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'],
    env: { GOMAXPROCS: '1', HOME: folder },
  }),
  nginx: (port, target, folder) => ({
    file: 'nginx.conf',
    text: `worker_processes 1;\ndaemon off;\npid ${folder}/pid;\nerror_log ${folder}/error.log;\nevents { worker_connections 4096; }\nhttp {\n access_log off;\n client_body_temp_path ${folder}/b;\n proxy_temp_path ${folder}/p;\n fastcgi_temp_path ${folder}/f;\n uwsgi_temp_path ${folder}/u;\n scgi_temp_path ${folder}/s;\n upstream backend { server 127.0.0.1:${target}; keepalive 128; }\n keepalive_requests 100000000;\n server { listen 127.0.0.1:${port}; location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; } }\n}\n`,
    args: ['-c', join(folder, 'nginx.conf'), '-p', folder],
  }),
  haproxy: (port, target, folder) => ({
    file: 'haproxy.cfg',
    text: `global\n nbthread 1\ndefaults\n mode http\n timeout client 60s\n timeout server 60s\n timeout connect 5s\n http-reuse always\nfrontend f\n bind 127.0.0.1:${port}\n default_backend b\nbackend b\n server s 127.0.0.1:${target}\n`,
    args: ['-f', join(folder, 'haproxy.cfg'), '-db'],
  }),
}

/** null: it is not installed. */
export async function startPeer(name: string, target: number): Promise<Running | null> {
  if (name === 'undici') return forkHere('undici-proxy.ts', [`http://127.0.0.1:${target}`])
  if (name === 'http-proxy') {
    return forkHere('http-proxy-proxy.ts', [`http://127.0.0.1:${target}`]).catch(() => null)
  }
  if (spawnSync('which', [name]).status !== 0) return null
  const folder = mkdtempSync(join(tmpdir(), `holdfast-bench-${name}-`))
  const port = await freePort()
  const config = CONFIGS[name]?.(port, target, folder)
  if (!config) return null
  writeFileSync(join(folder, config.file), config.text)
  const child = spawn(name, config.args, { env: { ...process.env, ...config.env }, stdio: 'ignore' })
  await untilOpen(port)
  return {
    port,
    pid: child.pid as number,
    stop() {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function untilOpen(port: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nobody listens on ${port}`)
}
