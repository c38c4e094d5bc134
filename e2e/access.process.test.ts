/** A1: every procedure, over HTTP, in a batch and over the WebSocket, refuses whoever may not call it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
// biome-ignore lint/style/noRestrictedImports: the router itself says which procedures there are, so that none is forgotten
import { appRouter } from '../server/api/root.ts'
// biome-ignore lint/style/noRestrictedImports: and its scopes which tokens
import { SCOPES } from '../server/principal.ts'
import { type Launched, launch, removeFolder } from './launch.ts'
import { type Identity, type Method, member, type Outcome, overHttp, RawSocket, serviceToken } from './wire.ts'

const ROLES = ['viewer', 'operator', 'admin'] as const
type Access = 'public' | 'signed-in' | { role: (typeof ROLES)[number]; scope: (typeof SCOPES)[number] | null }

interface Procedure {
  path: string
  method: Method
  access: Access
}

interface Definition {
  _def: { type: Method; meta?: { access?: Access } }
}

const definitions = Object.entries(appRouter._def.procedures as unknown as Record<string, Definition>)
const procedures: Procedure[] = definitions.map(([path, { _def }]) => ({
  path,
  method: _def.type,
  access: _def.meta?.access as Access,
}))

/**
 * The procedures that the socket answers without tRPC, with input that they take: what they do not take is passed on, and
 * tRPC would refuse in their place.
 */
const INPUTS: Record<string, unknown> = {
  'registry.register': { name: 'a', id: 'a', address: '127.0.0.1:1', ttlMs: 0 },
  'registry.heartbeat': { id: 'a', generation: 1 },
  'registry.discover': { name: 'a' },
  'locks.acquire': { resource: 'a', lockId: 'a-lock-1' },
  'locks.renew': { leases: [{ resource: 'a', lockId: 'a-lock-1', fencingToken: 1 }] },
  'locks.release': { resource: 'a', lockId: 'a-lock-1' },
  'sagas.start': { definition: 'a', input: {} },
  'sagas.result': { runId: 'run-a' },
  'sagas.heartbeat': { worker: 'a', leases: [] },
  'sagas.complete': { runId: 'run-a', step: 'a', phase: 'do', fence: 1, worker: 'a' },
  'sagas.fail': {
    ...{ runId: 'run-a', step: 'a', phase: 'do', fence: 1, worker: 'a', outcome: 'failed' },
    error: { code: 'X', message: 'x' },
  },
}

let controlPlane: Launched
beforeAll(async () => {
  controlPlane = await launch({ until: 'healthz', env: { HOLDFAST_LOG_LEVEL: 'warn' } })
})
afterAll(async () => {
  await controlPlane.stop()
  removeFolder(controlPlane.folder)
})

test('every procedure says who may call it', () => {
  expect(procedures.length).toBeGreaterThan(30)
  const open = procedures.filter(({ access }) => !access || access === 'public').map(({ path }) => path)
  expect(open, 'without an access rule, or public').toEqual([])
})

/** Asks for each of them in each way; returns what each was answered. */
async function everyWay(identity: Identity, asked: readonly Procedure[]): Promise<Map<string, Outcome>> {
  const { url } = controlPlane
  const answers = new Map<string, Outcome>()
  for (const { path, method } of asked) {
    const { outcomes, status } = await overHttp(url, identity, method, [path])
    answers.set(`${path} over HTTP (${status})`, outcomes[0] ?? {})
  }
  for (const method of ['query', 'mutation'] as const) {
    const paths = asked.filter((procedure) => procedure.method === method).map(({ path }) => path)
    // Beside one that any signed-in caller may make: what one call may do says nothing about its neighbours.
    const batch = method === 'query' ? ['admin.me', ...paths] : [...paths, ...paths]
    if (paths.length === 0) continue
    const { outcomes } = await overHttp(url, identity, method, batch)
    expect(outcomes).toHaveLength(batch.length)
    for (const [i, path] of batch.entries()) {
      if (method === 'mutation' || i > 0) answers.set(`${path} in a batch, ${i}`, outcomes[i] ?? {})
    }
  }
  const socket = await RawSocket.open(url, identity)
  for (const { path, method } of asked) {
    answers.set(`${path} over the WebSocket`, await socket.call(method, path))
    const data = INPUTS[path]
    if (data !== undefined)
      answers.set(`${path} over the WebSocket, directly`, await socket.call(method, path, { data }))
  }
  await socket.close()
  return answers
}

function codes(answers: Map<string, Outcome>, allowed: string): string[] {
  return [...answers]
    .filter(([, { error }]) => error?.code !== allowed)
    .map(([way, { error }]) => `${way}: ${error?.code}`)
}

test('what is asked for directly is taken by its schema', () => {
  for (const [path, data] of Object.entries(INPUTS)) {
    const definition = (appRouter._def.procedures as unknown as Record<string, { _def: { inputs: z.ZodType[] } }>)[path]
    expect(definition?._def.inputs[0]?.safeParse({ data }), path).toMatchObject({ success: true })
  }
})

test('nobody without an identity gets an answer from any of them', async () => {
  expect(codes(await everyWay({}, procedures), 'UNAUTHENTICATED')).toEqual([])
})

test('a wrong token or cookie is nobody', async () => {
  const some = procedures.filter(({ path }) => ['registry.list', 'registry.register', 'admin.me'].includes(path))
  const tokens = ['x', `hf_${'0'.repeat(60)}`, 'undefined', 'null', 'Bearer', 'true']
  for (const token of tokens) expect(codes(await everyWay({ token }, some), 'UNAUTHENTICATED'), token).toEqual([])
  const cookie = `holdfast_${controlPlane.port}=${'A'.repeat(43)}`
  expect(codes(await everyWay({ cookie }, some), 'UNAUTHENTICATED')).toEqual([])
})

test.each(['viewer', 'operator'] as const)('a %s may call nothing that needs more', async (role) => {
  const identity = await member(controlPlane.url, role)
  const rank = ROLES.indexOf(role)
  const more = procedures.filter(({ access }) => typeof access === 'object' && ROLES.indexOf(access.role) > rank)
  expect(more.length).toBeGreaterThan(5)
  expect(codes(await everyWay(identity, more), 'FORBIDDEN')).toEqual([])
  const enough = procedures.filter(
    ({ path, method }) => !more.some((other) => other.path === path) && method === 'query',
  )
  const refused = [...(await everyWay(identity, enough))].filter(([, { error }]) =>
    ['FORBIDDEN', 'UNAUTHENTICATED', 'INTERNAL'].includes(error?.code ?? ''),
  )
  expect(refused, 'what the role is enough for').toEqual([])
})

test('a service token may call nothing outside its scopes', async () => {
  for (const missing of SCOPES) {
    const identity = await serviceToken(
      controlPlane.url,
      `without-${missing.replace(':', '-')}`,
      SCOPES.filter((s) => s !== missing),
    )
    const outside = procedures.filter(({ access }) => typeof access === 'object' && access.scope === missing)
    expect(outside.length, missing).toBeGreaterThan(0)
    expect(codes(await everyWay({ token: identity.token }, outside), 'FORBIDDEN'), missing).toEqual([])
  }
  const all = await serviceToken(controlPlane.url, 'all-scopes', SCOPES)
  const forPeople = procedures.filter(({ access }) => typeof access === 'object' && access.scope === null)
  expect(codes(await everyWay({ token: all.token }, forPeople), 'FORBIDDEN')).toEqual([])
})
