'use client'

/** The tab's one subscription, and hooks that read single pieces of what it keeps current. */
import { useQueryClient } from '@tanstack/react-query'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import type { EdgeView, ServiceView } from '@/core/topology'
import { collect, everything, isConcerned, noConcerns } from './live/concerns'
import { type Connection, EVENTS_KEPT, type LiveEvent, type LiveInitial, LiveStore, type Topic } from './live/store'
import { holdfastError, signInAgain, useTRPCClient } from './trpc'
import { setServerNow } from './ui/ago'

export type { Connection, LiveEvent, LiveInitial } from './live/store'

interface Tab {
  store: LiveStore
  /** what the server rendered: parts of the page may come to life after the first frame */
  first: LiveStore
}

const Context = createContext<Tab | null>(null)
/** Answers in the cache are renewed at most so often, however fast events come. */
const INVALIDATE_MS = 400
/** A tab that nobody sees lets go of its stream after this long. */
const HIDDEN_MS = 60_000
const RESUBSCRIBE_MS = 1_000

export function LiveProvider({ initial, children }: { initial: LiveInitial; children: ReactNode }) {
  const [tab] = useState<Tab>(() => ({
    store: new LiveStore(initial, () => performance.now()),
    first: new LiveStore(initial, () => 0),
  }))
  useStream(tab.store)
  return <Context value={tab}>{children}</Context>
}

function useStream(store: LiveStore): void {
  const client = useTRPCClient()
  const queries = useQueryClient()
  useEffect(() => {
    setServerNow(store.latest.serverNow)
    let concerns = noConcerns()
    let renewal: ReturnType<typeof setTimeout> | null = null
    let again: ReturnType<typeof setTimeout> | null = null
    let hidden: ReturnType<typeof setTimeout> | null = null
    let stream: { unsubscribe(): void } | null = null
    let ended = false

    const renew = () => {
      renewal = null
      // What is held stays as it is, also in answers of the cache; it is caught up with on going on.
      if (store.connection.paused) return
      const { admin, audit, gateway, journal, registry, services } = concerns
      concerns = noConcerns()
      void queries.invalidateQueries({
        predicate: ({ queryKey }) => {
          const [path, options] = queryKey as [string[], { input?: { data?: Record<string, unknown> } }?]
          const area = path?.[0]
          if (area === 'journal') return journal && path[1] === 'list' && options?.input?.data?.before === undefined
          if (area === 'audit') return audit
          if (area === 'admin') return admin
          if (area === 'gateway') return gateway && path[1] !== 'requests'
          if (area !== 'registry' || !registry) return false
          const { name, service } = options?.input?.data ?? {}
          const about = (name ?? service) as string | undefined
          return about === undefined || services.has(about)
        },
      })
    }
    const concern = () => {
      if (isConcerned(concerns) && renewal === null && !store.connection.paused)
        renewal = setTimeout(renew, INVALIDATE_MS)
    }

    // A stream that starts anew, also by the connection's own doing, tells where things stand but not what happened meanwhile.
    const catchUp = async () => {
      const { events } = await client.journal.list
        .query({ data: { limit: EVENTS_KEPT, ofServices: true } })
        .catch(() => ({ events: [] }))
      if (!ended) store.fill(events.map(({ value: _, ...event }) => event))
    }

    const open = () => {
      if (ended || stream) return
      stream = client.telemetry.live.subscribe(
        { data: {} },
        {
          onData(frame) {
            setServerNow(frame.now)
            if (store.apply(frame)) {
              concerns = everything(store.latest.services.keys())
              void catchUp()
            } else concerns = collect(concerns, frame.events)
            concern()
          },
          onError(error) {
            stream = null
            if (holdfastError(error).code === 'UNAUTHENTICATED') return signInAgain()
            again = setTimeout(open, RESUBSCRIBE_MS)
          },
          onComplete() {
            stream = null
            if (!ended && !document.hidden) again = setTimeout(open, RESUBSCRIBE_MS)
          },
        },
      )
    }
    const close = () => {
      stream?.unsubscribe()
      stream = null
    }
    const onVisibility = () => {
      if (hidden) clearTimeout(hidden)
      hidden = null
      if (document.hidden) hidden = setTimeout(close, HIDDEN_MS)
      else open()
    }
    open()
    const ticking = setInterval(() => store.refresh(), 1_000)
    const leave = store.subscribe('connection', concern)
    document.addEventListener('visibilitychange', onVisibility)
    return () => {
      ended = true
      for (const timer of [renewal, again, hidden]) if (timer) clearTimeout(timer)
      clearInterval(ticking)
      leave()
      document.removeEventListener('visibilitychange', onVisibility)
      close()
    }
  }, [client, queries, store])
}

function useTab(): Tab {
  const tab = useContext(Context)
  if (!tab) throw new Error('LiveProvider is missing above this component')
  return tab
}

function useTopic<T>(topic: Topic, read: (store: LiveStore) => T): T {
  const { store, first } = useTab()
  const subscribe = useCallback((listener: () => void) => store.subscribe(topic, listener), [store, topic])
  return useSyncExternalStore(
    subscribe,
    () => read(store),
    () => read(first),
  )
}

/** All services by name; the same array until one of them changes. */
export function useServices(): readonly ServiceView[] {
  return useTopic('services', (store) => store.serviceList)
}

export function useService(name: string): ServiceView | undefined {
  return useTopic(`service:${name}`, (store) => store.shown.services.get(name))
}

export function useEdges(): readonly EdgeView[] {
  return useTopic('edges', (store) => store.edgeList)
}

export function useEdge(id: string): EdgeView | undefined {
  return useTopic(`edge:${id}`, (store) => store.shown.edges.get(id))
}

/** The newest journal entries, newest first, at most 200. */
export function useEvents(): readonly LiveEvent[] {
  return useTopic('events', (store) => store.shown.events)
}

export function useConnection(): Connection {
  return useTopic('connection', (store) => store.connection)
}

/** Whether the user holds what is shown; readers are not told every second, as those of `useConnection` are. */
export function usePaused(): boolean {
  return useTopic('connection', (store) => store.connection.paused)
}

export function usePause(): { pause(): void; resume(): void } {
  const { store } = useTab()
  return useMemo(() => ({ pause: () => store.pause(), resume: () => store.resume() }), [store])
}
