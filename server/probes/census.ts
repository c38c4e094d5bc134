/**
 * Are they silent, or are we deaf? When most of what answered until now falls silent within one interval, it is more likely
 * that the prober is cut off than that everything died at once, so the silence proves nothing.
 *
 * Counted are the latest results of targets, in buckets of a second, so that a result costs O(1) and a question about the
 * last interval at most `WINDOW_MAX_MS` / 1 s steps. A target whose silence was believed once is `lost`: it is no news in
 * a later outage and counts on neither side.
 */
export const SILENT_MIN = 5
export const SILENT_SERVICES_MIN = 2
const BUCKET_MS = 1_000
const WINDOW_MAX_MS = 120_000

export type Standing = 'new' | 'speaking' | 'suspect' | 'lost'

interface Entry {
  service: string
  standing: Standing
  bucket: number
}

interface Bucket {
  speaking: number
  suspect: number
}

export interface Outage {
  silent: number
  of: number
}

export class Census {
  readonly #entries = new Map<string, Entry>()
  readonly #buckets = new Map<number, Bucket>()
  readonly #targetsByService = new Map<string, number>()
  readonly #suspectsByService = new Map<string, number>()

  add(id: string, service: string, lost: boolean): void {
    this.remove(id)
    this.#entries.set(id, { service, standing: lost ? 'lost' : 'new', bucket: 0 })
    bump(this.#targetsByService, service, 1)
  }

  remove(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    this.#uncount(entry)
    this.#entries.delete(id)
    bump(this.#targetsByService, entry.service, -1)
  }

  standing(id: string): Standing {
    return this.#entries.get(id)?.standing ?? 'new'
  }

  note(id: string, standing: Standing, now: number): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    this.#uncount(entry)
    entry.standing = standing
    entry.bucket = Math.floor(now / BUCKET_MS)
    if (standing !== 'speaking' && standing !== 'suspect') return
    let bucket = this.#buckets.get(entry.bucket)
    if (!bucket) {
      bucket = { speaking: 0, suspect: 0 }
      this.#buckets.set(entry.bucket, bucket)
    }
    bucket[standing] += 1
    if (standing === 'suspect') bump(this.#suspectsByService, entry.service, 1)
  }

  #uncount(entry: Entry): void {
    const { standing } = entry
    if (standing !== 'speaking' && standing !== 'suspect') return
    if (standing === 'suspect') bump(this.#suspectsByService, entry.service, -1)
    const bucket = this.#buckets.get(entry.bucket)
    if (!bucket) return
    bucket[standing] -= 1
    if (bucket.speaking + bucket.suspect === 0) this.#buckets.delete(entry.bucket)
  }

  /** Are there enough targets to tell an outage of ours from one of theirs at all? */
  get canTell(): boolean {
    return this.#entries.size >= SILENT_MIN && this.#targetsByService.size >= SILENT_SERVICES_MIN
  }

  /** How many were heard and missed last, of those whose latest result is younger than `at`. */
  after(at: number, now: number): Bucket {
    return this.#sum(Math.floor(at / BUCKET_MS) + 1, Math.floor(now / BUCKET_MS))
  }

  #sum(first: number, last: number): Bucket {
    const sum = { speaking: 0, suspect: 0 }
    for (let at = Math.max(first, last - WINDOW_MAX_MS / BUCKET_MS); at <= last; at++) {
      const bucket = this.#buckets.get(at)
      if (!bucket) continue
      sum.speaking += bucket.speaking
      sum.suspect += bucket.suspect
    }
    return sum
  }

  /** Not null when more than half of what was heard or missed in the last `windowMs` fell silent: 5 at least, of 2 services. */
  outage(now: number, windowMs: number): Outage | null {
    if (this.#suspectsByService.size < SILENT_SERVICES_MIN) return null
    const { suspect: silent, speaking } = this.#sum(
      Math.floor((now - windowMs) / BUCKET_MS),
      Math.floor(now / BUCKET_MS),
    )
    const of = silent + speaking
    return silent >= SILENT_MIN && silent * 2 > of ? { silent, of } : null
  }
}

function bump(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by
  if (next <= 0) counts.delete(key)
  else counts.set(key, next)
}
