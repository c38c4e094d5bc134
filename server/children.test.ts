import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import type { ChildState } from './children/child.ts'
import { Lines } from './children/lines.ts'
import { type Children, createChildren } from './children.ts'
import type { Scheduler } from './loops.ts'

const dir = mkdtempSync(join(tmpdir(), 'holdfast-children-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function script(name: string, source: string): string {
  const path = join(dir, `${name}.mjs`)
  writeFileSync(path, source)
  return path
}

const POLITE = script(
  'polite',
  `process.on('disconnect', () => process.exit(0))
   process.on('SIGTERM', () => process.exit(0))
   process.on('message', (m) => process.send({ echo: m }))
   process.send('ready')`,
)
const STUBBORN = script(
  'stubborn',
  `import { spawn } from 'node:child_process'
   process.on('SIGTERM', () => {})
   const grandchild = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'])
   process.send({ grandchild: grandchild.pid })
   setInterval(() => {}, 1000)`,
)

interface Line {
  msg: string
  child?: string
  stream?: string
  level: number
}

const running: Children[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((children) => children.stop()))
})

function supervisor(scheduler?: Scheduler) {
  const lines: Line[] = []
  const log = pino({ level: 'debug' }, { write: (text: string) => void lines.push(JSON.parse(text) as Line) })
  const children = createChildren({
    clock: { monotonic: () => performance.now(), wall: () => Date.now() },
    log,
    random: () => 0.5,
    ...(scheduler ? { scheduler } : {}),
  })
  running.push(children)
  return { children, lines }
}

/** Timers that go off when told to. */
class HandTimers implements Scheduler {
  readonly pending = new Map<() => void, number>()
  set(run: () => void, ms: number): unknown {
    this.pending.set(run, ms)
    return run
  }
  clear(handle: unknown): void {
    this.pending.delete(handle as () => void)
  }
  fire(): void {
    for (const run of [...this.pending.keys()]) {
      this.pending.delete(run)
      run()
    }
  }
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const untilGone = (pid: number) => vi.waitFor(() => expect(alive(pid)).toBe(false), { timeout: 10_000, interval: 20 })

/** Waits for a message of the child. */
function firstMessage(start: (onMessage: (message: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve) => start(resolve))
}

describe('a child', () => {
  it('is started, talked to and stopped', async () => {
    const { children } = supervisor()
    const messages: unknown[] = []
    let told: () => void = () => {}
    const states: string[] = []
    const child = children.start({
      name: 'polite',
      script: POLITE,
      onState: (state) => states.push(state.phase),
      onMessage: (message) => {
        messages.push(message)
        told()
      },
    })
    await new Promise<void>((resolve) => {
      told = resolve
    })
    expect(messages).toEqual(['ready'])
    expect(child.state).toMatchObject({ name: 'polite', phase: 'running', restarts: 0, crashLooping: false })
    const answered = new Promise<void>((resolve) => {
      told = resolve
    })
    expect(child.send({ n: 1 })).toBe(true)
    await answered
    expect(messages[1]).toEqual({ echo: { n: 1 } })
    await children.stop()
    expect(child.state.phase).toBe('stopped')
    expect(child.send({ n: 2 })).toBe(false)
    expect(states).toEqual(['starting', 'running', 'stopping', 'stopped'])
    expect(() => children.start({ name: 'late', script: POLITE })).toThrow('being stopped')
  })

  it('is started again when it ends, with growing pauses, and its crash loop is shown', async () => {
    const timers = new HandTimers()
    const { children, lines } = supervisor(timers)
    const path = script('crashing', 'process.exit(3)')
    let waiting: (state: ChildState) => void = () => {}
    const nextWait = () => new Promise<ChildState>((resolve) => (waiting = resolve))
    let pending = nextWait()
    children.start({
      name: 'crashing',
      script: path,
      onState: (state) => {
        if (state.phase === 'waiting') waiting(state)
      },
    })
    const delays: (number | undefined)[] = []
    for (let i = 0; i < 4; i++) {
      const state = await pending
      expect(state).toMatchObject({ phase: 'waiting', why: 'ended with code 3', restarts: i, strikes: i + 1 })
      expect(state.crashLooping).toBe(i >= 2)
      delays.push([...timers.pending.values()][0])
      pending = nextWait()
      timers.fire()
    }
    expect(delays).toEqual([250, 500, 1_000, 2_000])
    await pending
    expect(lines.some((line) => line.level === 50 && line.msg.includes('again and again'))).toBe(true)
    await children.stop()
    expect(timers.pending.size).toBe(0)
    expect(children.list()[0]?.phase).toBe('stopped')
  })

  it('that cannot be started is tried again, and the process lives on', async () => {
    const timers = new HandTimers()
    const { children } = supervisor(timers)
    const child = children.start({ name: 'missing', command: join(dir, 'no-such-program') })
    await vi.waitFor(() => expect(child.state.phase).toBe('waiting'), { timeout: 10_000 })
    expect(child.state).toMatchObject({ why: expect.stringContaining('could not be started') })
  })

  it('has its output in the log, line by line', async () => {
    const { children, lines } = supervisor(new HandTimers())
    const path = script(
      'talking',
      `process.stdout.write('one\\ntw'); process.stdout.write('o\\n\\n'); process.stderr.write('bad ünïcode\\n' + 'x'.repeat(50000) + '\\nlast')`,
    )
    children.start({ name: 'talking', script: path })
    await vi.waitFor(() => expect(lines.some((line) => line.msg === 'last')).toBe(true), { timeout: 10_000 })
    const said = (stream: string) => lines.filter((line) => line.stream === stream).map((line) => line.msg)
    expect(said('stdout')).toEqual(['one', 'two'])
    expect(said('stderr')).toEqual(['bad ünïcode', `${'x'.repeat(8_192)}… (cut)`, 'last'])
    expect(lines.every((line) => line.child === 'talking')).toBe(true)
  })

  it('does not learn the admin token', async () => {
    vi.stubEnv('HOLDFAST_ADMIN_TOKEN', 'a-secret-of-the-control-plane-itself')
    try {
      const { children } = supervisor()
      const path = script(
        'env',
        `process.on('disconnect', () => process.exit(0)); process.send([process.env.HOLDFAST_ADMIN_TOKEN ?? null, process.env.MINE, process.env.PATH !== undefined])`,
      )
      const message = await firstMessage((onMessage) =>
        children.start({ name: 'env', script: path, env: { MINE: 'yes' }, onMessage }),
      )
      expect(message).toEqual([null, 'yes', true])
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

describe('stopping', () => {
  it('kills what does not end in time, with all that it has started', async () => {
    const { children } = supervisor()
    const message = await firstMessage((onMessage) =>
      children.start({ name: 'stubborn', script: STUBBORN, stopWithinMs: 100, onMessage }),
    )
    const { grandchild } = message as { grandchild: number }
    const [state] = children.list()
    const pid = state?.phase === 'running' ? state.pid : 0
    expect(alive(pid) && alive(grandchild)).toBe(true)
    await children.stop()
    await Promise.all([untilGone(pid), untilGone(grandchild)])
  })

  it('stops all of them at the same time', async () => {
    const timers = new HandTimers()
    const { children } = supervisor(timers)
    await Promise.all(
      ['a', 'b', 'c'].map((name) => firstMessage((onMessage) => children.start({ name, script: STUBBORN, onMessage }))),
    )
    const stopped = children.stop()
    expect([...timers.pending.values()]).toEqual([2_000, 2_000, 2_000])
    timers.fire()
    await stopped
    expect(children.list().map((state) => state.phase)).toEqual(['stopped', 'stopped', 'stopped'])
  })

  it('of one frees its name', async () => {
    const { children } = supervisor()
    children.start({ name: 'one', script: POLITE })
    expect(() => children.start({ name: 'one', script: POLITE })).toThrow('already')
    await children.remove('one')
    await children.remove('nobody')
    children.start({ name: 'one', script: POLITE })
  })
})

describe('when the parent dies', () => {
  it('its children end too', async () => {
    const module = fileURLToPath(new URL('./children.ts', import.meta.url))
    const parent = script(
      'parent',
      `import { pino } from 'pino'
       const { createChildren } = await import(${JSON.stringify(module)})
       const children = createChildren({ clock: { monotonic: () => performance.now(), wall: () => Date.now() }, log: pino({ level: 'silent' }) })
       const child = children.start({ name: 'polite', script: ${JSON.stringify(POLITE)}, onMessage: () => console.log(child.state.pid) })`,
    )
    const root = fileURLToPath(new URL('..', import.meta.url))
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'), 'dir')
    const supervising = spawn(process.execPath, ['--import', join(root, 'node_modules/tsx/dist/loader.mjs'), parent], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [chunk] = (await once(supervising.stdout, 'data')) as [Buffer]
    const pid = Number(chunk.toString())
    expect(alive(pid)).toBe(true)
    supervising.kill('SIGKILL')
    await untilGone(pid)
  })
})

describe('lines', () => {
  it('hold characters that arrive in pieces, and cut what has no end', () => {
    const told: string[] = []
    const lines = new Lines(10, (line) => told.push(line))
    const fox = Buffer.from('🦊\n')
    lines.write(fox.subarray(0, 2))
    lines.write(fox.subarray(2))
    for (let i = 0; i < 100; i++) lines.write(Buffer.from('abcdef'))
    lines.write(Buffer.from('\nnext\r\n'))
    lines.end()
    expect(told).toEqual(['🦊', 'abcdefabcd… (cut)', 'next'])
  })
})
