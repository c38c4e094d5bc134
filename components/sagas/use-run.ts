'use client'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { HistoryEntry, RunView } from '@/core/saga/view'
import { usePaused } from '../live'
import { useTRPC, useTRPCClient } from '../trpc'

const AGAIN_MS = 1_000
/** Entries read first, so that the newest are there at once however long the history is. */
const FIRST_READ = 400
const READ_MAX = 5_000

export interface RunNow {
  run: RunView
  /** without a gap and up to the newest that is known, perhaps not from the first on yet */
  entries: readonly HistoryEntry[]
  /** all of them, from the first on */
  complete: boolean
}

/** One run and its history, kept current by one stream; stands still while paused. */
export function useRun(id: string, first: RunView): RunNow {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const paused = usePaused()
  const [now, setNow] = useState<RunNow>({ run: first, entries: [], complete: false })
  const latest = useRef(now)
  const reading = useRef(false)
  const put = useCallback((change: Partial<RunNow>) => {
    latest.current = { ...latest.current, ...change }
    setNow(latest.current)
  }, [])

  /** Reads what is missing: the newest first, then backwards to the beginning. */
  const fill = useCallback(
    async (isGone: () => boolean) => {
      if (reading.current) return
      reading.current = true
      const read = async (after: number, limit: number) => {
        const { entries } = await client.sagas.history.query({ data: { runId: id, after, limit } })
        return entries as HistoryEntry[]
      }
      try {
        while (!isGone()) {
          const { entries, run } = latest.current
          const [head, tail] = [entries[0]?.seq, entries.at(-1)?.seq]
          if (head === undefined || tail === undefined) {
            const found = await read(Math.max(0, run.seq - FIRST_READ), FIRST_READ)
            if (found.length === 0) return
            put({ entries: joined(found, latest.current.entries), complete: found[0]?.seq === 1 })
          } else if (tail < run.seq) {
            put({ entries: joined(entries, await read(tail, READ_MAX)) })
          } else if (head > 1) {
            const after = Math.max(0, head - 1 - READ_MAX)
            const found = await read(after, head - 1 - after)
            if (found.length === 0) return
            put({ entries: joined(found, latest.current.entries), complete: found[0]?.seq === 1 })
          } else return
        }
      } catch {
        // The next message of the stream, or a look at the page again, asks anew.
      } finally {
        reading.current = false
      }
    },
    [client, id, put],
  )

  const gone = useRef(false)
  useEffect(() => {
    gone.current = false
    void fill(() => gone.current)
    return () => {
      gone.current = true
    }
  }, [fill])

  const { status, reset } = useSubscription(
    trpc.sagas.watch.subscriptionOptions(
      { data: { runId: id } },
      {
        enabled: !paused,
        onData({ data }) {
          const message = data as { run: RunView; entries: HistoryEntry[] }
          if (message.run.seq < latest.current.run.seq) return
          const { entries } = latest.current
          const next = message.entries[0]
          const follows = next !== undefined && entries.at(-1)?.seq === next.seq - 1
          put({ run: message.run, ...(follows ? { entries: [...entries, ...message.entries] } : {}) })
          if (latest.current.entries.at(-1)?.seq !== message.run.seq) void fill(() => gone.current)
        },
      },
    ),
  )
  useEffect(() => {
    if (status !== 'error') return
    const timer = setTimeout(reset, AGAIN_MS)
    return () => clearTimeout(timer)
  }, [status, reset])
  return now
}

/** One list of two that follow each other or overlap. */
export function joined(before: readonly HistoryEntry[], after: readonly HistoryEntry[]): HistoryEntry[] {
  const last = before.at(-1)?.seq ?? 0
  const from = after.findIndex((entry) => entry.seq > last)
  return from < 0 ? [...before] : [...before, ...after.slice(from)]
}
