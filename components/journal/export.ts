/** Entries as a file. Pure. */
import { csvCell } from '@/components/services/export'
import type { Audited, Journaled } from './rows'

type Cell = string | number | null

function csv(columns: readonly string[], rows: readonly Cell[][]): string {
  return `${[columns, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`
}

const moment = (at: number) => new Date(at).toISOString()
const whole = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value))

export function journalCsv(events: readonly Journaled[]): string {
  return csv(
    ['seq', 'at', 'kind', 'summary', 'service', 'key', 'actor', 'operation_id', 'value'],
    events.map((e) => [
      e.seq,
      moment(e.at),
      e.kind,
      e.summary,
      e.service,
      e.key,
      e.actor,
      e.operationId,
      whole(e.value),
    ]),
  )
}

export function auditCsv(entries: readonly Audited[]): string {
  return csv(
    ['id', 'at', 'actor', 'action', 'target', 'reason', 'before', 'after', 'seq', 'operation_id'],
    entries.map((e) => [
      e.id,
      moment(e.at),
      e.actor,
      e.action,
      e.target,
      e.reason,
      whole(e.before),
      whole(e.after),
      e.seq,
      e.operationId,
    ]),
  )
}

export function toJson(rows: readonly unknown[]): string {
  return `${JSON.stringify(rows, null, 2)}\n`
}
