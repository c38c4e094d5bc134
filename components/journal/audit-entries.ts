/** The filter of the audit trail. Pure. */

export interface AuditFilter {
  q: string
  actor: string
  action: string
  target: string
  before: number | null
}

/** What is asked of audit.list. */
export function auditInput(filter: AuditFilter) {
  return {
    ...(filter.q.trim() === '' ? {} : { q: filter.q.trim().slice(0, 100) }),
    ...(filter.actor.trim() === '' ? {} : { actor: filter.actor.trim() }),
    ...(filter.action.trim() === '' ? {} : { action: filter.action.trim().slice(0, 100) }),
    ...(filter.target.trim() === '' ? {} : { target: filter.target.trim() }),
  }
}

export function isAuditFiltered(filter: AuditFilter): boolean {
  return Object.keys(auditInput(filter)).length > 0 || filter.before !== null
}

/** Newest entries that the list does not have yet. */
export function newer<T extends { id: number }>(newest: readonly T[], known: number): T[] {
  return newest.filter((entry) => entry.id > known)
}
