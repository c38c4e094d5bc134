'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useReducer, useState } from 'react'
import type { Revision } from '@/core/gateway/view'
import { holdfastError, useTRPC, useTRPCClient } from '../../trpc'
import { NO_PAGES, pages } from './pages'

export const PAGE = 50

/** The history of the configuration, the newest first: live at its head, older pages when asked for. */
export function useRevisions(upTo: number | null) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const newest = useQuery(trpc.gateway.revisions.queryOptions({ data: { before: null, limit: PAGE } }))
  const [{ revisions, more }, dispatch] = useReducer(pages, NO_PAGES)
  const [asking, setAsking] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const { data } = newest
  useEffect(() => {
    if (data) dispatch({ newest: true, revisions: data.revisions as Revision[], next: data.next })
  }, [data])

  async function older() {
    const last = revisions.at(-1)
    if (!last || asking) return
    setAsking(true)
    setFailure(null)
    try {
      const page = await client.gateway.revisions.query({ data: { before: last.revision, limit: PAGE } })
      dispatch({ newest: false, revisions: page.revisions as Revision[], next: page.next })
    } catch (error) {
      setFailure(holdfastError(error).message)
    } finally {
      setAsking(false)
    }
  }

  // A link to an old one: what came after it has to be there to tell what going back would change.
  const last = revisions.at(-1)?.revision
  const wanting = upTo !== null && more && last !== undefined && last > upTo && failure === null
  useEffect(() => {
    if (wanting && !asking) void older()
  })
  return { revisions, more, asking, failure, older: () => void older(), query: newest }
}
