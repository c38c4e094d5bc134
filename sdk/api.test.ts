import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { expectTypeOf, test } from 'vitest'
import type { JournalEvent } from '../core/event.ts'
import type { AppRouter } from '../server/api/root.ts'
import type { Api, ApiPath, Envelope, WatchMessage } from './api.ts'
import type { ClaimMessage } from './sagas/api.ts'

type Inputs = inferRouterInputs<AppRouter>
type Outputs = inferRouterOutputs<AppRouter>
/** `{ 'registry.register': … }` out of `{ registry: { register: … } }` */
type At<T, P extends string> = P extends `${infer R}.${infer N}`
  ? R extends keyof T
    ? N extends keyof T[R]
      ? T[R][N]
      : never
    : never
  : never
type Writable<T> = T extends readonly (infer E)[]
  ? Writable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Writable<T[K]> }
    : T
type Sent<P extends ApiPath> = Writable<Envelope<Api[P]['data']>>

test('what the SDK sends is what the server takes', () => {
  expectTypeOf<Sent<'registry.register'>>().toExtend<At<Inputs, 'registry.register'>>()
  expectTypeOf<Sent<'registry.heartbeat'>>().toExtend<At<Inputs, 'registry.heartbeat'>>()
  expectTypeOf<Sent<'registry.deregister'>>().toExtend<At<Inputs, 'registry.deregister'>>()
  expectTypeOf<Sent<'registry.discover'>>().toExtend<At<Inputs, 'registry.discover'>>()
  expectTypeOf<Sent<'telemetry.report'>>().toExtend<At<Inputs, 'telemetry.report'>>()
  expectTypeOf<Sent<'sagas.define'>>().toExtend<At<Inputs, 'sagas.define'>>()
  expectTypeOf<Sent<'sagas.start'>>().toExtend<At<Inputs, 'sagas.start'>>()
  expectTypeOf<Sent<'sagas.result'>>().toExtend<At<Inputs, 'sagas.result'>>()
  expectTypeOf<Sent<'sagas.list'>>().toExtend<At<Inputs, 'sagas.list'>>()
  expectTypeOf<Sent<'sagas.history'>>().toExtend<At<Inputs, 'sagas.history'>>()
  expectTypeOf<Sent<'sagas.signal'>>().toExtend<At<Inputs, 'sagas.signal'>>()
  expectTypeOf<Sent<'sagas.heartbeat'>>().toExtend<At<Inputs, 'sagas.heartbeat'>>()
  expectTypeOf<Sent<'sagas.complete'>>().toExtend<At<Inputs, 'sagas.complete'>>()
  expectTypeOf<Sent<'sagas.fail'>>().toExtend<At<Inputs, 'sagas.fail'>>()
})

test('what the server answers is what the SDK reads', () => {
  expectTypeOf<At<Outputs, 'registry.register'>>().toExtend<Api['registry.register']['output']>()
  expectTypeOf<At<Outputs, 'registry.heartbeat'>>().toExtend<Api['registry.heartbeat']['output']>()
  expectTypeOf<At<Outputs, 'registry.deregister'>>().toExtend<Api['registry.deregister']['output']>()
  expectTypeOf<Writable<At<Outputs, 'registry.discover'>>>().toExtend<Writable<Api['registry.discover']['output']>>()
  expectTypeOf<At<Outputs, 'telemetry.report'>>().toExtend<Api['telemetry.report']['output']>()
  expectTypeOf<At<Outputs, 'sagas.define'>>().toExtend<Api['sagas.define']['output']>()
  expectTypeOf<At<Outputs, 'sagas.start'>>().toExtend<Api['sagas.start']['output']>()
  expectTypeOf<At<Outputs, 'sagas.heartbeat'>>().toExtend<Api['sagas.heartbeat']['output']>()
  expectTypeOf<At<Outputs, 'sagas.complete'>>().toExtend<Api['sagas.complete']['output']>()
  expectTypeOf<At<Outputs, 'sagas.fail'>>().toExtend<Api['sagas.fail']['output']>()
  expectTypeOf<Writable<At<Outputs, 'sagas.list'>>['runs'][number]['status']>().toEqualTypeOf<
    Api['sagas.list']['output']['runs'][number]['status']
  >()
  type Handed = At<Outputs, 'sagas.claim'> extends AsyncIterable<infer M> ? M : never
  expectTypeOf<Handed extends { data: infer D } ? D : never>().toExtend<ClaimMessage>()
  type Watched = At<Outputs, 'registry.watch'> extends AsyncIterable<infer M> ? M : never
  type Message = Watched extends { data: infer D } ? D : never
  expectTypeOf<Message['type']>().toEqualTypeOf<WatchMessage['type']>()
  type Snapshot = Extract<Message, { type: 'snapshot' }>
  expectTypeOf<Snapshot>().toExtend<Extract<WatchMessage, { type: 'snapshot' }>>()
  // An event's `value` is unknown, which tRPC's types make optional on the way.
  type Event = Extract<Message, { type: 'events' }>['events'][number]
  expectTypeOf<Event>().toExtend<Omit<JournalEvent, 'value'>>()
})
