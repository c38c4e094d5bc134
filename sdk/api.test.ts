import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { expectTypeOf, test } from 'vitest'
import type { JournalEvent } from '../core/event.ts'
import type { AppRouter } from '../server/api/root.ts'
import type { Api, ApiPath, Envelope, WatchMessage } from './api.ts'

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
})

test('what the server answers is what the SDK reads', () => {
  expectTypeOf<At<Outputs, 'registry.register'>>().toExtend<Api['registry.register']['output']>()
  expectTypeOf<At<Outputs, 'registry.heartbeat'>>().toExtend<Api['registry.heartbeat']['output']>()
  expectTypeOf<At<Outputs, 'registry.deregister'>>().toExtend<Api['registry.deregister']['output']>()
  expectTypeOf<Writable<At<Outputs, 'registry.discover'>>>().toExtend<Writable<Api['registry.discover']['output']>>()
  expectTypeOf<At<Outputs, 'telemetry.report'>>().toExtend<Api['telemetry.report']['output']>()
  type Watched = At<Outputs, 'registry.watch'> extends AsyncIterable<infer M> ? M : never
  type Message = Watched extends { data: infer D } ? D : never
  expectTypeOf<Message['type']>().toEqualTypeOf<WatchMessage['type']>()
  type Snapshot = Extract<Message, { type: 'snapshot' }>
  expectTypeOf<Snapshot>().toExtend<Extract<WatchMessage, { type: 'snapshot' }>>()
  // An event's `value` is unknown, which tRPC's types make optional on the way.
  type Event = Extract<Message, { type: 'events' }>['events'][number]
  expectTypeOf<Event>().toExtend<Omit<JournalEvent, 'value'>>()
})
