/** The live log: the newest requests in memory, and those who watch it. */
import type { Refusal, RequestEntry } from '../../core/gateway/view.ts'

/** Requests kept. */
export const LOG_MAX = 2_000
const BATCH_MAX = 200

export interface LogFilter {
  route?: string | undefined
  /** `2` to `5`, or `none` for requests without an answer */
  status?: '2' | '3' | '4' | '5' | 'none' | undefined
  refusal?: Refusal | undefined
  method?: string | undefined
  /** part of the path, the host, the request id, the instance or the client */
  q?: string | undefined
  /** at least so long */
  slowerThanMs?: number | undefined
}

export interface LogBatch {
  entries: RequestEntry[]
  /** that were gone before they could be sent */
  missed: number
}

export class RequestLog {
  readonly #entries: RequestEntry[] = []
  readonly #waiting = new Set<() => void>()
  /** how many there have been */
  #count = 0

  add(entries: readonly RequestEntry[]): void {
    if (entries.length === 0) return
    this.#entries.push(...entries)
    this.#count += entries.length
    if (this.#entries.length > LOG_MAX) this.#entries.splice(0, this.#entries.length - LOG_MAX)
  }

  /** Lets watchers look; called a few times a second. */
  tick(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** The newest first. */
  newest(filter: LogFilter, limit: number): RequestEntry[] {
    const found: RequestEntry[] = []
    for (let i = this.#entries.length - 1; i >= 0 && found.length < limit; i--) {
      const entry = this.#entries[i] as RequestEntry
      if (fits(entry, filter)) found.push(entry)
    }
    return found
  }

  find(id: string): RequestEntry | null {
    return this.#entries.findLast((entry) => entry.id === id) ?? null
  }

  /** What comes from now on, in batches of at most 200, the oldest first. */
  async *watch(
    filter: LogFilter,
    { signal, ready }: { signal: AbortSignal; ready?: (() => Promise<void>) | undefined },
  ): AsyncGenerator<LogBatch, void, undefined> {
    let seen = this.#count
    let wake = () => {}
    const abort = () => wake()
    signal.addEventListener('abort', abort)
    try {
      while (!signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve
          this.#waiting.add(resolve)
        })
        if (ready) await ready()
        const fresh = this.#count - seen
        if (fresh === 0 || signal.aborted) continue
        seen = this.#count
        const fitting = this.#entries.slice(-Math.min(fresh, this.#entries.length)).filter((e) => fits(e, filter))
        const entries = fitting.slice(-BATCH_MAX)
        const missed = Math.max(0, fresh - this.#entries.length) + fitting.length - entries.length
        if (entries.length + missed > 0) yield { entries, missed }
      }
    } finally {
      signal.removeEventListener('abort', abort)
      this.#waiting.delete(wake)
    }
  }
}

export function fits(entry: RequestEntry, filter: LogFilter): boolean {
  const { route, status, refusal, method, q, slowerThanMs } = filter
  if (route !== undefined && entry.route !== route) return false
  if (refusal !== undefined && entry.refusal !== refusal) return false
  if (method !== undefined && entry.method !== method) return false
  if (slowerThanMs !== undefined && entry.cut.totalMs < slowerThanMs) return false
  if (status === 'none' ? entry.status !== null : status !== undefined && String(entry.status)[0] !== status)
    return false
  if (q === undefined || q === '') return true
  const texts = [entry.path, entry.host, entry.id, entry.instance ?? '', entry.client, entry.traceId]
  return texts.some((text) => text.includes(q))
}
