/**
 * Tells the silence of one from deafness of ours (H2), and hands results on in order, each exactly once.
 *
 * A first silence is held back: at the beginning of an outage of ours it looks like any other. It is told as `failing` once
 * others are heard after it, or with the next result of the same target; and as `unknown` when most fall silent. With two
 * failures or more to a verdict, no verdict comes later by this.
 */
import type { CheckResult, CheckStatus } from '../../core/instance.ts'
import type { Log } from '../log.ts'
import { Census, type Outage, SILENT_MIN } from './census.ts'
import type { Evidence } from './verdict.ts'

export type OnResult = (instanceId: string, generation: number, result: CheckResult) => void | Promise<void>

export interface Heard {
  id: string
  generation: number
  /** interval and timeout together: within it, each target of this rhythm has been heard or missed */
  windowMs: number
  /** somebody waits for this very result */
  asked: boolean
  result: CheckResult
  now: number
}

export interface HearingStats {
  results: Record<CheckStatus, number>
  /** results that whoever takes them in refused */
  deliveryErrors: number
  /** not null while the prober believes itself cut off */
  outage: Outage | null
}

const REVIEW_MS = 1_000

export class Hearing {
  readonly #options: { onResult: OnResult; log?: Log }
  readonly #census = new Census()
  readonly #held = new Map<string, Heard>()
  readonly #results: Record<CheckStatus, number> = { passing: 0, warning: 0, failing: 0, unknown: 0 }
  #deliveryErrors = 0
  #outage: Outage | null = null
  #reviewedAt = 0

  constructor(options: { onResult: OnResult; log?: Log }) {
    this.#options = options
  }

  /** `lost`: known to be down, so that its silence is no news. */
  add(id: string, service: string, lost: boolean): void {
    this.remove(id)
    this.#census.add(id, service, lost)
  }

  remove(id: string): void {
    this.#held.delete(id)
    this.#census.remove(id)
  }

  /** Resolves with the result as it was told (or held back), when it has been taken in. */
  async take(heard: Heard, evidence: Evidence): Promise<CheckResult> {
    const { id, now, result } = heard
    if (evidence === 'silent') return this.#silence(heard)
    // A silence followed by blindness was most likely ours too.
    const before = this.#settle(id, evidence === 'local' ? result.output : undefined)
    if (evidence === 'spoke') {
      this.#census.note(id, 'speaking', now)
      this.#outage &&= this.#census.outage(now, heard.windowMs)
    }
    const told = this.#tell(heard)
    await before
    return told
  }

  async #silence(heard: Heard): Promise<CheckResult> {
    const { id, now } = heard
    const before = this.#census.standing(id)
    if (before === 'lost') return this.#tell(heard)
    this.#census.note(id, 'suspect', now)
    this.#outage = this.#census.outage(now, heard.windowMs)
    if (this.#outage) {
      const words = cutOff(this.#outage)
      const others = [...this.#held.keys()].map((other) => this.#settle(other, words))
      const told = this.#tell(heard, words)
      await Promise.all(others)
      return told
    }
    if (before === 'suspect') this.#census.note(id, 'lost', now)
    else if (this.#census.canTell && !heard.asked) {
      this.#held.set(id, heard)
      return heard.result
    }
    const first = this.#settle(id)
    const told = this.#tell(heard)
    await first
    return told
  }

  /** Lets go of what is held and was the silence of one: others were heard after it. Looks once a second at most. */
  review(now: number): void {
    if (this.#held.size === 0 || now - this.#reviewedAt < REVIEW_MS) return
    this.#reviewedAt = now
    for (const held of [...this.#held.values()]) {
      const { speaking, suspect } = this.#census.after(held.now, now)
      if (speaking >= SILENT_MIN && speaking > suspect) void this.#settle(held.id)
    }
  }

  async #settle(id: string, unknownBecause?: string): Promise<void> {
    const held = this.#held.get(id)
    if (!held) return
    this.#held.delete(id)
    await this.#tell(held, unknownBecause)
  }

  async #tell({ id, generation, result }: Heard, unknownBecause?: string): Promise<CheckResult> {
    const told: CheckResult =
      unknownBecause === undefined ? result : { ...result, status: 'unknown', output: unknownBecause }
    this.#results[told.status] += 1
    try {
      await this.#options.onResult(id, generation, told)
    } catch (error) {
      this.#deliveryErrors += 1
      this.#options.log?.error({ err: error, instance: id }, 'a check result could not be taken in')
    }
    return told
  }

  stats(): HearingStats {
    return { results: { ...this.#results }, deliveryErrors: this.#deliveryErrors, outage: this.#outage }
  }
}

function cutOff({ silent, of }: Outage): string {
  return `${silent} of ${of} checks fell silent together, so this control plane may be cut off itself`
}
