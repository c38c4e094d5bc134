/** Pages of the history put together; a revision never changes once it is there. Pure. */
import type { Revision } from '@/core/gateway/view'

export interface Pages {
  /** the newest first, without gaps */
  revisions: readonly Revision[]
  more: boolean
}

export const NO_PAGES: Pages = { revisions: [], more: false }

export interface Page {
  /** begins with the newest there is */
  newest: boolean
  revisions: readonly Revision[]
  /** null: nothing is older */
  next: number | null
}

export function pages(known: Pages, { newest, revisions, next }: Page): Pages {
  if (!newest) {
    const last = known.revisions.at(-1)?.revision ?? Number.POSITIVE_INFINITY
    return { revisions: [...known.revisions, ...revisions.filter((r) => r.revision < last)], more: next !== null }
  }
  const head = known.revisions[0]?.revision
  const reaches = head !== undefined && revisions.some((r) => r.revision <= head)
  // So much has changed meanwhile that the page does not reach what is known: it begins anew.
  if (!reaches) return { revisions, more: next !== null }
  const fresh = revisions.filter((r) => r.revision > head)
  return fresh.length === 0 ? known : { revisions: [...fresh, ...known.revisions], more: known.more }
}
