import { gunzipSync, gzipSync } from 'node:zlib'
import type { HistoryEvent } from '../../core/saga/event.ts'

export function pack(events: readonly HistoryEvent[]): Uint8Array {
  return gzipSync(JSON.stringify(events))
}

export function unpack(history: Uint8Array): HistoryEvent[] {
  return JSON.parse(gunzipSync(history).toString('utf8')) as HistoryEvent[]
}
