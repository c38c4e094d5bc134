/** Acts on a run that goes on elsewhere while somebody decides about one step of it. */
import type { RunView } from '@/core/saga/view'

const TRIES = 6
const WAIT_MS = 100
const WAITS = 30

/**
 * Tries under the run's newest entry, again as long as only something else has moved. Throws the Conflict once what was looked
 * at is no longer the same, or the page has not heard of the newer entry within 3 s.
 */
export async function whileSame(of: {
  run: () => RunView
  isSame: (run: RunView) => boolean
  attempt: (expectedSeq: number) => Promise<void> | void
}): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { seq } = of.run()
    try {
      return await of.attempt(seq)
    } catch (error) {
      const { code, details } = error as { code?: string; details?: { seq?: unknown } }
      const newer = typeof details?.seq === 'number' ? details.seq : seq
      if (code !== 'CONFLICT' || newer <= seq || tries >= TRIES) throw error
      for (let waits = 0; of.run().seq < newer && waits < WAITS; waits++) {
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
      }
      if (of.run().seq < newer || !of.isSame(of.run())) throw error
    }
  }
}
