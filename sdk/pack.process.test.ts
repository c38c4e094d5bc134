/**
 * The package as a stranger gets it: packed, installed in another folder, used by plain JavaScript and by strict
 * TypeScript.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connect, type Holdfast } from './index.ts'

const run = promisify(execFile)
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'holdfast-sdk-'))
const token = randomBytes(24).toString('hex')
const children: ChildProcess[] = []
let url = ''
let controlPlane: ChildProcess

/** Starts a process of ours and resolves with the first match of its output. */
async function started(
  args: string[],
  env: Record<string, string>,
  cwd: string,
  pattern: RegExp,
): Promise<[ChildProcess, RegExpExecArray]> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let output = ''
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    const look = (part: Buffer) => {
      output += part.toString()
      const found = pattern.exec(output)
      if (found) resolve(found)
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}:\n${output}`)))
  })
  return [child, match]
}

async function startControlPlane(port: string): Promise<ChildProcess> {
  const env = {
    NODE_ENV: 'production',
    HOLDFAST_PORT: port,
    HOLDFAST_GATEWAY_WORKERS: '0',
    HOLDFAST_ADMIN_TOKEN: token,
    HOLDFAST_DATABASE_URL: `file:${join(folder, 'data', 'holdfast.db')}`,
    HOLDFAST_LOG_LEVEL: 'warn',
  }
  const [child, match] = await started([join(root, 'dist', 'server', 'main.js')], env, root, /running at (http:\S+)/)
  url = match[1] as string
  return child
}

const SERVICE = `
import { connect, serve } from '@holdfast/sdk'

const server = await serve((request, response) => response.end(JSON.stringify({ path: request.url, pid: process.pid })))
const holdfast = await connect({
  url: process.env.HOLDFAST_URL,
  token: process.env.HOLDFAST_TOKEN,
  service: { name: process.env.SERVICE, address: server.address, ttlMs: 3_000, check: { http: '/healthz', intervalMs: 500, timeoutMs: 400 } },
  server,
})
console.log('registered as', holdfast.instance.id)
`

const TYPED = `
import { connect, ConflictError, type AppRouter, type Discovered, type Holdfast, type Instance } from '@holdfast/sdk'

export async function main(): Promise<void> {
  const holdfast: Holdfast = await connect({ url: 'http://127.0.0.1:3000', service: { name: 'a', address: 'b:1', tags: ['x'] } })
  const list: Discovered = await holdfast.discover('inventory', { consistency: 'strong', tags: ['x'] })
  const first: Instance | undefined = list[0]
  const health: 'healthy' | 'warning' | 'unhealthy' | 'unknown' | 'draining' | 'maintenance' | undefined = first?.health
  const age: number = list.staleMs
  const stop: () => void = holdfast.watch('inventory', (instances) => console.log(instances.length, health, age))
  const answer = await holdfast.call('payments', '/charge', { method: 'POST', body: { amount: 1 } })
  const total: number = answer.timing.totalMs
  const page = await holdfast.trpc.registry.list.query({ data: { limit: 1 } })
  const name: string | undefined = page.services[0]?.name
  const router: AppRouter | undefined = undefined
  holdfast.on('superseded', ({ id }: { id: string }) => console.log(id, total, name, router))
  try {
    await holdfast.close()
  } catch (error) {
    if (error instanceof ConflictError) console.log(error.details?.cause)
  }
  stop()
  // @ts-expect-error there is no such level
  await holdfast.discover('inventory', { consistency: 'whenever' })
  // @ts-expect-error nor such a procedure
  await holdfast.trpc.registry.nothing.query({ data: {} })
  // @ts-expect-error nor such a field of a service
  const wrong: number = page.services[0].nothing
  console.log(wrong)
}
`

/** The guide's example. */
const TYPED_SAGAS = `
import { connect, memoryLedger, returns, saga, StepRefusedError, type SagaContext, type Undoing } from '@holdfast/sdk'
import { gives, refuses, rehearse, type Rehearsal } from '@holdfast/sdk/testing'

interface Order { id: string; sku: string; card?: string }

const placeOrder = saga<Order>('place-order')
  .step('reserve-stock', { returns: returns<{ reservation: string; cents: number }>(), undo: {} })
  .step('charge-card', {
    input: (at) => ({ card: at.input.card, cents: at.steps['reserve-stock'].output.cents }),
    returns: returns<{ receipt: string }>(),
    undo: { input: (at) => ({ receipt: at.do.output.receipt }) },
    probe: {},
  })
  .step('send-parcel', { kind: 'pivot' })

export async function main(): Promise<void> {
  await using holdfast = await connect({ url: 'http://127.0.0.1:3000' })
  await holdfast.sagas.define(placeOrder)
  const run = await holdfast.sagas.start(placeOrder, { id: 'o-1', sku: 'tea' }, { idempotencyKey: 'o-1' })
  const { status, output } = await run.result({ timeoutMs: 5_000 })
  const receipt: string | undefined = output?.['charge-card'].receipt
  const worker = holdfast.sagas.worker(
    {
      'reserve-stock': {
        do: (order: Order, ctx) => ctx.once(() => ({ reservation: order.id, cents: 100 })),
        undo: ({ output: done }: Undoing<Order, { reservation: string }>, ctx: SagaContext) => ctx.once(() => done?.reservation),
      },
      'charge-card': async (_input, ctx) => {
        await ctx.heartbeat({ share: 0.5 })
        throw new StepRefusedError('CARD_DECLINED', ctx.idempotencyKey)
      },
    },
    { concurrency: 20, ledger: memoryLedger() },
  )
  const rehearsal: Rehearsal = await rehearse(placeOrder, { input: {}, script: { 'send-parcel': refuses(), 'charge-card': [gives()] } })
  console.log(status, receipt, worker.running, rehearsal.calls[0]?.key)
  // @ts-expect-error an order has a sku
  await holdfast.sagas.start(placeOrder, { id: 'o-1' })
  // @ts-expect-error there is no such step
  console.log(output?.['charge'].receipt)
}
`

const REHEARSED = `
import { saga, StepRefusedError } from '@holdfast/sdk'
import { rehearse } from '@holdfast/sdk/testing'

const handlers = { ship: () => { throw new StepRefusedError('NOWHERE', 'no such place') } }
const { status, trace, calls } = await rehearse(saga('order').step('reserve', { undo: {} }).step('ship'), { handlers })
console.log(JSON.stringify([status, trace, calls[1].error.code, calls[1].outcome]))
`

beforeAll(async () => {
  await run(process.execPath, [join(root, 'scripts', 'build-sdk.mjs')], { cwd: root })
  await run('npm', ['pack', '--pack-destination', folder], { cwd: join(root, 'sdk') })
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz')) as string
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'greetings', private: true, type: 'module' }))
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, tarball)], { cwd: folder })
  mkdirSync(join(folder, 'data'))
  controlPlane = await startControlPlane('0')
}, 240_000)

afterAll(async () => {
  for (const child of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
  rmSync(folder, { recursive: true, force: true })
}, 30_000)

async function withHoldfast(use: (holdfast: Holdfast) => Promise<void>): Promise<void> {
  const holdfast = await connect({ url, token })
  try {
    await use(holdfast)
  } finally {
    await holdfast.close()
  }
}

test('the tarball holds the bundle, the types and the guide, and nothing of the control plane', () => {
  const installed = join(folder, 'node_modules', '@holdfast', 'sdk')
  expect(readdirSync(installed).sort()).toEqual(['README.md', 'dist', 'package.json'])
  const bundles = readdirSync(join(installed, 'dist')).filter((file) => file.endsWith('.js'))
  expect(bundles).toEqual(expect.arrayContaining(['index.js', 'testing.js']))
  const bundle = bundles.map((file) => readFileSync(join(installed, 'dist', file), 'utf8')).join('')
  expect(bundle).not.toMatch(/better-sqlite3|drizzle|from "(next|react|zod)/)
  const own = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  const product = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [name, version] of Object.entries(own.dependencies)) expect(product.dependencies[name]).toBe(version)
})

test('a plain service in another folder registers, is checked and called, and leaves in order on SIGTERM', async () => {
  writeFileSync(join(folder, 'service.mjs'), SERVICE)
  const env = { HOLDFAST_URL: url, HOLDFAST_TOKEN: token, SERVICE: 'greetings' }
  const [service, match] = await started(['service.mjs'], env, folder, /registered as (\S+)/)
  await withHoldfast(async (holdfast) => {
    const id = match[1] as string
    await vi.waitFor(
      async () => {
        const [instance] = await holdfast.discover('greetings')
        expect(instance).toMatchObject({ id, health: 'healthy', checkState: 'passing' })
      },
      { timeout: 10_000, interval: 50 },
    )
    const answer = await holdfast.call('greetings', '/hello')
    expect(answer.json()).toEqual({ path: '/hello', pid: service.pid })
    expect(answer.timing.quality).toBe('measured')
    const seen: string[] = []
    holdfast.watch('greetings', (list) => seen.push(list[0]?.health ?? 'gone'))
    const exited = once(service, 'exit')
    service.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    await vi.waitFor(() => expect(seen).toEqual(['healthy', 'draining', 'gone']), { timeout: 5_000 })
  })
}, 60_000)

test('with one of two killed every call is still answered, by the other', async () => {
  writeFileSync(join(folder, 'service.mjs'), SERVICE)
  const env = { HOLDFAST_URL: url, HOLDFAST_TOKEN: token, SERVICE: 'siblings' }
  const [first] = await started(['service.mjs'], env, folder, /registered as (\S+)/)
  const [second] = await started(['service.mjs'], env, folder, /registered as (\S+)/)
  await withHoldfast(async (holdfast) => {
    await vi.waitFor(async () => expect(await holdfast.discover('siblings')).toHaveLength(2), { timeout: 10_000 })
    const exited = once(first, 'exit')
    first.kill('SIGKILL')
    await exited
    for (let i = 0; i < 50; i++) {
      const answer = await holdfast.call('siblings', '/', { method: 'POST' })
      expect(answer.json()).toMatchObject({ pid: second.pid })
    }
  })
}, 60_000)

test('the control plane is killed and started again: nobody is evicted, calls go on, and a list says how old it is', async () => {
  writeFileSync(join(folder, 'service.mjs'), SERVICE)
  const [service] = await started(
    ['service.mjs'],
    { HOLDFAST_URL: url, HOLDFAST_TOKEN: token, SERVICE: 'survivors' },
    folder,
    /registered as/,
  )
  await withHoldfast(async (holdfast) => {
    const healths: string[][] = []
    holdfast.watch('survivors', (list) => healths.push(list.map((i) => i.health)))
    await vi.waitFor(() => expect(healths.at(-1)).toEqual(['healthy']), { timeout: 10_000 })
    const before = await holdfast.discover('survivors', { consistency: 'strong' })
    const exited = once(controlPlane, 'exit')
    controlPlane.kill('SIGKILL')
    await exited
    await vi.waitFor(() => expect(holdfast.connected).toBe(false))
    const list = await holdfast.discover('survivors')
    expect(list).toHaveLength(1)
    await vi.waitFor(() => expect(list.staleMs).toBeGreaterThan(0))
    expect((await holdfast.call('survivors', '/')).json()).toMatchObject({ pid: service.pid })
    controlPlane = await startControlPlane(new URL(url).port)
    await vi.waitFor(() => expect(list.staleMs).toBe(0), { timeout: 10_000 })
    const after = await holdfast.discover('survivors', { consistency: 'strong' })
    expect(after.map((i) => [i.id, i.generation])).toEqual(before.map((i) => [i.id, i.generation]))
    expect(healths.every((health) => health.length === 1)).toBe(true)
  })
  const exited = once(service, 'exit')
  service.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
}, 60_000)

test('the test kit is an entry of its own, and knows the errors of the other', async () => {
  writeFileSync(join(folder, 'rehearsed.mjs'), REHEARSED)
  const { stdout } = await run(process.execPath, ['rehearsed.mjs'], { cwd: folder })
  expect(JSON.parse(stdout)).toEqual(['compensated', ['reserve', 'ship', 'undo reserve'], 'NOWHERE', 'failed'])
})

test('a strict TypeScript user has every type, our declarations checked too', async () => {
  writeFileSync(join(folder, 'typed.ts'), TYPED)
  writeFileSync(join(folder, 'typed-sagas.ts'), TYPED_SAGAS)
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2023',
    module: 'nodenext',
    lib: ['es2023', 'dom', 'esnext.disposable'],
    types: ['node'],
    skipLibCheck: false,
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['typed.ts', 'typed-sagas.ts'] }),
  )
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
  for (const types of ['@types/node', 'undici-types']) {
    cpSync(join(root, 'node_modules', types), join(folder, 'node_modules', types), { recursive: true })
  }
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = await run(process.execPath, [tsc, '-p', folder], { cwd: folder }).catch(
    (e: { stdout: string }) => e,
  )
  // tRPC's own declarations of its WebSocket adapter do not hold under "nodenext"; every line that is ours must.
  expect(stdout.split('\n').filter((line) => line !== '' && !/^(node_modules\/@trpc\/|\s)/.test(line))).toEqual([])
}, 60_000)
