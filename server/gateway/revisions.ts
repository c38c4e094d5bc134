/** The history of the gateway's configuration. */
import type { Revision } from '../../core/gateway/view.ts'
import type { ReadTx } from '../../db/store.ts'
import { told } from './change.ts'

/** Newest first. */
export async function revisionsOf(tx: ReadTx, before: number | null, limit: number): Promise<Revision[]> {
  const revisions = new Map<number, Revision>()
  for (const row of await tx.q.gateway.revisions(before, limit)) {
    const { revision, at, actor, reason, rolledBackTo } = row
    const known = revisions.get(revision) ?? { revision, at, actor, reason, rolledBackTo, changes: [] }
    known.changes.push({
      route: row.route,
      before: row.before && told(row.before),
      after: row.after && told(row.after),
    })
    revisions.set(revision, known)
  }
  return [...revisions.values()]
}
