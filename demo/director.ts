/**
 * Keeps the demo fleet running: starts its processes, gives them their modes, starts again what has ended, and stops
 * everything when it is told to or when the control plane that started it is gone.
 */
import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { howItEnded, start } from './child.ts'
import { LoadRecord } from './load-record.ts'
import * as rules from './member.ts'
import type { DemoStatus, DirectorCommand, DirectorEvent, FleetCommand, FleetEvent, LoadEvent } from './messages.ts'
import { type Place, ROSTER } from './roster.ts'
import { makeRunDir } from './run-dir.ts'
import { setting } from './settings.ts'

const TICK_MS = 250
const STATUS_EVERY_MS = 1_000
/** Twelve processes that start at once hold up the control plane they want to register with. */
const STAGGER_MS = 150
/** Customers come when everybody is there; who takes longer than this to start is not waited for. */
const LOAD_STARTS_WITHIN_MS = 12_000
const LOAD_AGAIN_AFTER_MS = 3_000
/** Whoever has not stopped by itself by then is killed; the whole takes less than 3 s. */
const GRACE_MS = 2_200

/** Milliseconds since the epoch, by a clock that never runs backwards. */
const now = () => performance.timeOrigin + performance.now()

const runDir = makeRunDir(setting('HOLDFAST_DEMO_DIR', 'data/demo'), process.pid)
const environment = {
  HOLDFAST_URL: setting('HOLDFAST_URL', 'http://127.0.0.1:3000'),
  HOLDFAST_TOKEN: setting('HOLDFAST_TOKEN', ''),
  HOLDFAST_DEMO_DIR: runDir,
}

/** Customers come by it; empty: straight to the services. */
const gateway = setting('HOLDFAST_DEMO_GATEWAY', '')

const startedAt = Math.round(now())
const members = new Map<string, rules.Member>()
const children = new Map<string, ChildProcess>()
const ports = new Map<string, number>()
const load = new LoadRecord()
let loadChild: ChildProcess | null = null
let stopping = false

function apply(step: rules.Step): void {
  const { place } = step.member
  members.set(place.id, step.member)
  for (const intent of step.intents) {
    const child = children.get(place.id)
    if (intent.type === 'spawn') spawn(place)
    else if (intent.type === 'signal') child?.kill(intent.signal)
    else if (child?.connected) child.send({ type: 'mode', mode: intent.mode } satisfies FleetCommand)
  }
}

function memberOf(place: Place): rules.Member {
  return members.get(place.id) as rules.Member
}

function spawn(place: Place): void {
  const { id } = place
  const port = ports.get(id)
  const known = port === undefined ? {} : { HOLDFAST_DEMO_PORT: String(port) }
  const child = start('fleet', [place.service, String(place.number)], { ...environment, ...known }, import.meta.url)
  children.set(id, child)
  if (child.pid !== undefined) members.set(id, rules.spawned(memberOf(place), child.pid))
  child.on('message', (event: FleetEvent) => {
    if (children.get(id) !== child) return
    if (event.type === 'ready') {
      ports.set(id, event.port)
      members.set(id, rules.ready(memberOf(place), now()))
    } else {
      members.set(id, rules.changedMode(memberOf(place), event.mode, now()))
    }
    tell()
  })
  let over = false
  const ended = (how: string): void => {
    if (over) return
    over = true
    if (children.get(id) === child) children.delete(id)
    if (stopping) return
    apply(rules.exited(memberOf(place), how, now()))
    tell()
  }
  child.on('exit', (code, signal) => ended(howItEnded(code, signal)))
  child.on('error', (error) => {
    if (child.pid === undefined) ended(`before it began: ${error.message}`)
  })
}

function startLoad(): void {
  if (stopping) return
  const child = start('load', [String(startedAt)], { ...environment, HOLDFAST_DEMO_GATEWAY: gateway }, import.meta.url)
  loadChild = child
  child.on('message', (event: LoadEvent) => load.take(event))
  child.on('error', () => undefined)
  child.on('exit', () => {
    loadChild = null
    if (!stopping) setTimeout(startLoad, LOAD_AGAIN_AFTER_MS)
  })
}

function status(): DemoStatus {
  return {
    at: Math.round(now()),
    startedAt,
    instances: ROSTER.flatMap((place) => {
      const member = members.get(place.id)
      return member ? [rules.statusOf(member)] : []
    }),
    load: load.status(loadChild?.pid ?? null),
  }
}

function send(event: DirectorEvent): void {
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined)
}

function tell(): void {
  send({ type: 'status', status: status() })
}

/** Two that move stock between the same shelves, each beginning at the other's end. */
const SHELVES = ['shelf/kitchen', 'shelf/garden'] as const
/** The second gives up first: the cycle is there to be looked at until then. */
const PATIENCE_MS = [40_000, 20_000] as const

function deadlock(id: number): void {
  const running = ROSTER.filter(
    ({ service, id: name }) => service === 'inventory' && members.get(name)?.life.phase === 'running',
  )
  const [one, other] = running.map((place) => ({ id: place.id, child: children.get(place.id) }))
  if (stopping || !one?.child?.connected || !other?.child?.connected) {
    send({
      type: 'refused',
      id,
      code: 'CONFLICT',
      message: 'Two instances of inventory must run for that; try again shortly.',
    })
    return
  }
  const [a, b] = SHELVES
  one.child.send({ type: 'deadlock', first: a, second: b, patienceMs: PATIENCE_MS[0] } satisfies FleetCommand)
  other.child.send({ type: 'deadlock', first: b, second: a, patienceMs: PATIENCE_MS[1] } satisfies FleetCommand)
  send({ type: 'deadlocking', id, instances: [one.id, other.id], locks: [...SHELVES] })
}

function obey(command: DirectorCommand): void {
  if (command.type === 'deadlock') {
    deadlock(command.id)
    return
  }
  const { id, instance, action } = command
  const member = members.get(instance)
  if (!member || stopping) {
    send({ type: 'refused', id, code: 'NOT_FOUND', message: `The demo fleet has no instance "${instance}".` })
    return
  }
  const step = rules.act(member, action, now())
  if ('refused' in step) {
    send({ type: 'refused', id, code: 'CONFLICT', message: step.refused })
    return
  }
  apply(step)
  send({ type: 'acted', id, instance: rules.statusOf(memberOf(member.place)) })
  tell()
}

function stopAll(): void {
  if (stopping) return
  stopping = true
  const all = [...children.values(), ...(loadChild ? [loadChild] : [])]
  let left = all.length
  const finish = (): void => {
    for (const child of all) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    rmSync(runDir, { recursive: true, force: true })
    process.exit(0)
  }
  const one = (): void => {
    left -= 1
    if (left === 0) finish()
  }
  if (left === 0) finish()
  for (const child of all) {
    if (child.exitCode !== null || child.signalCode !== null) {
      one()
      continue
    }
    child.once('exit', one)
    child.kill('SIGTERM')
  }
  setTimeout(finish, GRACE_MS)
}

process.on('message', obey)
process.on('disconnect', stopAll)
process.on('SIGTERM', stopAll)
process.on('SIGINT', () => {
  // Ctrl-C reaches the whole group. Under a control plane, it is the one to say when; by hand, this is the end.
  if (!process.connected) stopAll()
})

ROSTER.forEach((place, index) => {
  setTimeout(() => {
    if (!stopping) apply(rules.enlist(place, now()))
  }, index * STAGGER_MS)
})
const opening = setInterval(() => {
  const all = members.size === ROSTER.length && [...members.values()].every(({ life }) => life.phase === 'running')
  if (!all && now() - startedAt < LOAD_STARTS_WITHIN_MS) return
  clearInterval(opening)
  startLoad()
}, TICK_MS)
setInterval(() => {
  if (stopping) return
  for (const member of members.values()) {
    const step = rules.tick(member, now())
    if (step.member !== member) apply(step)
  }
}, TICK_MS)
setInterval(tell, STATUS_EVERY_MS)
