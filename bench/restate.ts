/** Restate's server from its npm package with a service of five durable steps in a process of its own (npm install --prefix bench). */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../e2e/launch.ts'

export interface Restate {
  run(): Promise<unknown>
  stop(): void
}

const here = dirname(fileURLToPath(import.meta.url))

/** A virtual object's handler, so that each run has a key, as ours has. */
const service = (port: number) => `
if (!Promise.withResolvers) Promise.withResolvers = () => {
  let resolve, reject
  const promise = new Promise((yes, no) => { resolve = yes; reject = no })
  return { promise, resolve, reject }
}
const restate = await import(${JSON.stringify(join(here, 'node_modules/@restatedev/restate-sdk/dist/index.js'))})
const steps = ['reserve', 'charge', 'pack', 'ship', 'notify']
const order = restate.service({
  name: 'Order',
  handlers: {
    run: async (ctx, input) => {
      for (const step of steps) await ctx.run(step, async () => ({ done: step }))
      return { order: input.order }
    },
  },
})
await restate.serve({ services: [order], port: ${port} })
`

/** Null when it is not installed. */
export async function startRestate(): Promise<Restate | null> {
  const binary = join(here, 'node_modules/@restatedev/restate-server-linux-x64/bin/restate-server')
  if (!existsSync(binary)) return null
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-restate-'))
  const [ingress, admin, node, own] = [await freePort(), await freePort(), await freePort(), await freePort()]
  writeFileSync(join(dir, 'service.mjs'), service(own))
  const children: ChildProcess[] = []
  const start = (command: string, args: string[], env: Record<string, string> = {}) => {
    children.push(spawn(command, args, { cwd: dir, stdio: 'ignore', env: { ...process.env, ...env } }))
  }
  start(binary, ['--base-dir', join(dir, 'data')], {
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
    RESTATE_LOG_FILTER: 'error',
    RESTATE_DISABLE_TELEMETRY: 'true',
  })
  start(process.execPath, [join(dir, 'service.mjs')])
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const post = (port: number, path: string, body: unknown) =>
    new Promise<void>((resolve, reject) => {
      const text = JSON.stringify(body)
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      const req = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (res) => {
        res.resume()
        res.on('end', () =>
          (res.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`Restate answered ${res.statusCode}`)),
        )
      })
      req.on('error', reject)
      req.end(text)
    })
  const stop = () => {
    agent.destroy()
    for (const child of children) child.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }
  for (let attempt = 0; ; attempt++) {
    try {
      await post(admin, '/deployments', { uri: `http://127.0.0.1:${own}` })
      await post(ingress, '/Order/run', { order: 'ready' })
      break
    } catch (error) {
      if (attempt > 60) {
        stop()
        throw error
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  let orders = 0
  return { run: () => post(ingress, '/Order/run', { order: `o-${++orders}`, amount: 42 }), stop }
}
