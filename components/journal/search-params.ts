/** What the address of the journal and of the audit trail says. */
import { parseAsArrayOf, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs/server'

export const journalParams = {
  /** words in the summary */
  q: parseAsString.withDefault(''),
  kinds: parseAsArrayOf(parseAsString).withDefault([]),
  service: parseAsString.withDefault(''),
  actor: parseAsString.withDefault(''),
  key: parseAsString.withDefault(''),
  /** only entries before this one; without it the list is live */
  before: parseAsInteger,
  /** the entry in the panel */
  seq: parseAsInteger,
}

export const auditParams = {
  q: parseAsString.withDefault(''),
  actor: parseAsString.withDefault(''),
  action: parseAsString.withDefault(''),
  target: parseAsString.withDefault(''),
  before: parseAsInteger,
  /** the entry in the panel */
  id: parseAsInteger,
}

export const atParams = {
  seq: parseAsInteger,
  /** milliseconds since the epoch; used when there is no `seq` */
  at: parseAsInteger,
  show: parseAsStringLiteral(['all', 'different']).withDefault('all'),
  q: parseAsString.withDefault(''),
}
