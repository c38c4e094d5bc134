/** SIGTERM with everybody connected: it ends within 5 s, leaves no process behind, and all of them come back. */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect, type Holdfast } from '@holdfast/sdk'
import { afterAll, expect, test } from 'vitest'
import { ADMIN_TOKEN, freePort, type Launched, launch, newFolder, removeFolder } from './launch.ts'
import { ADMIN, ask, member, RawSocket, until } from './wire.ts'

const folder = newFolder()
let running: Launched | null = null
const open: Holdfast[] = []

afterAll(async () => {
  await running?.kill()
  await Promise.all(open.map((holdfast) => holdfast.close()))
  removeFolder(folder)
})

/** All processes below one, from /proc. */
function descendants(of: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // Gone in between.
    }
  }
  const found: number[] = []
  const walk = (pid: number) => {
    for (const [child, parent] of parents) {
      if (parent !== pid) continue
      found.push(child)
      walk(child)
    }
  }
  walk(of)
  return found
}

function isRunning(pid: number): boolean {
  try {
    // A zombie is a process that has ended.
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const fleetSize = async (url: string) => {
  const { instances } = await ask<{ instances: { state: string }[] }>(url, ADMIN, 'query', 'demo.list', {})
  return instances.length > 0 && instances.every(({ state }) => state === 'running') ? instances.length : 0
}

test.skipIf(process.platform !== 'linux')('a stop with everybody connected', { timeout: 180_000 }, async () => {
  const port = await freePort()
  running = await launch({ folder, port, args: ['--demo'] })
  const { url, process: controlPlane } = running
  await until('the demo fleet runs', 60_000, async () => (await fleetSize(url).catch(() => 0)) > 0)

  for (let i = 0; i < 3; i++) {
    const service = { id: `sdk-${i}`, name: 'stayers', address: `127.0.0.1:${20_000 + i}`, ttlMs: 6_000 }
    open.push(await connect({ url, token: ADMIN_TOKEN, service, follow: ['stayers'] }))
  }
  const generations = open.map((holdfast) => holdfast.instance?.generation)
  const viewer = await member(url, 'viewer')
  const browsers = await Promise.all(Array.from({ length: 5 }, () => RawSocket.open(url, viewer)))
  let frames = 0
  for (const browser of browsers) {
    await browser.subscribe('telemetry.live', { data: {} }, () => frames++)
    await browser.subscribe('journal.watch', { data: {} }, () => undefined)
  }
  await until('the browsers are sent frames', 20_000, () => frames >= 10)
  // Connections that stay open, one with a request that never ends.
  const agent = new Agent({ keepAlive: true, maxSockets: 10 })
  const asked = Array.from({ length: 10 }, async () => {
    const [answer] = (await once(get(`${url}/healthz`, { agent }), 'response')) as [IncomingMessage]
    answer.resume()
    await once(answer, 'end')
  })
  await Promise.all(asked)
  const stream = await fetch(`${url}/api/trpc/telemetry.live?input=${encodeURIComponent('{"data":{}}')}`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, accept: 'text/event-stream' },
  })
  expect(stream.status).toBe(200)
  const streamed = stream.text().catch(() => 'broken off')

  // Registrations go on until it is gone; what was acknowledged is remembered.
  const acknowledged: string[] = []
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let i = 0; ; i++) {
      const id = `last-${writer}-${i}`
      try {
        const data = { id, name: 'last-minute', address: '127.0.0.1:9', ttlMs: 0 }
        await (open[0] as Holdfast).trpc.registry.register.mutate({ data })
        acknowledged.push(id)
      } catch {
        return
      }
    }
  })
  await until('registrations are acknowledged', 20_000, () => acknowledged.length >= 100)
  // One after the other comes up; the stop has to find all of them.
  let processes: number[] = []
  await until('the processes of the demo run', 60_000, () => {
    processes = descendants(controlPlane.pid as number)
    return processes.length > 6
  })
  const { code, tookMs } = await running.stop()
  await Promise.all([...writers, streamed])
  console.log(
    `stopped in ${tookMs.toFixed(0)} ms with ${processes.length} processes; ${acknowledged.length} registrations acknowledged until then`,
  )
  expect(code, running.output()).toBe(0)
  expect(tookMs).toBeLessThan(5_000)
  expect(processes.filter(isRunning), 'left running').toEqual([])
  await until('the browsers are told', 2_000, () => browsers.every(({ closed }) => closed !== null))
  expect(browsers.map(({ closed }) => closed?.code)).toEqual(browsers.map(() => 1012))
  expect(running.output()).not.toMatch(/stopping took too long|stopping failed/)
  agent.destroy()
  // Meanwhile the local copies answer.
  expect(await (open[1] as Holdfast).discover('stayers')).toHaveLength(3)

  running = await launch({ folder, port, args: ['--demo'] })
  await until('the SDKs are back', 15_000, () => open.every((holdfast) => holdfast.connected))
  const { instances } = await ask<{ instances: { id: string }[] }>(url, ADMIN, 'query', 'registry.get', {
    name: 'last-minute',
  })
  const kept = new Set(instances.map(({ id }) => id))
  expect(
    acknowledged.filter((id) => !kept.has(id)),
    'acknowledged and lost',
  ).toEqual([])
  for (const holdfast of open) {
    const found = await holdfast.discover('stayers', { consistency: 'readCommitted' })
    expect(found.map(({ id }) => id).sort()).toEqual(['sdk-0', 'sdk-1', 'sdk-2'])
  }
  // They kept their registrations: nobody was evicted for the time that nobody could be heard.
  expect(open.map((holdfast) => holdfast.instance?.generation)).toEqual(generations)
  await until('the demo fleet is back', 60_000, async () => (await fleetSize(url).catch(() => 0)) > 0)
  const again = descendants(running.process.pid as number)
  expect((await running.stop()).code).toBe(0)
  expect(again.filter(isRunning)).toEqual([])
})
