import type { Random } from './random.ts'

/**
 * Power of two choices: of two different candidates drawn by weight, the one with less load per weight.
 * Source: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001.
 * Returns undefined when there is no candidate. Candidates of weight 0 are drawn only when all weigh 0.
 */
export function powerOfTwoChoices<T>(
  candidates: readonly T[],
  weight: (candidate: T) => number,
  load: (candidate: T) => number,
  random: Random,
): T | undefined {
  const size = candidates.length
  if (size <= 1) return candidates[0]
  const first = drawByWeight(candidates, weight, random, -1)
  const second = drawByWeight(candidates, weight, random, first)
  const a = candidates[first] as T
  const b = candidates[second] as T
  const wa = weight(a)
  const wb = weight(b)
  if (wa <= 0) return wb <= 0 && load(b) < load(a) ? b : wb > 0 ? b : a
  if (wb <= 0) return a
  // (load + 1) / weight: the call that is about to be made counts, so an idle heavy instance wins over an idle light one
  return (load(b) + 1) / wb < (load(a) + 1) / wa ? b : a
}

function drawByWeight<T>(candidates: readonly T[], weight: (c: T) => number, random: Random, except: number): number {
  let total = 0
  for (let i = 0; i < candidates.length; i++) if (i !== except) total += Math.max(0, weight(candidates[i] as T))
  if (total <= 0) {
    const pick = Math.floor(random() * (except < 0 ? candidates.length : candidates.length - 1))
    return except >= 0 && pick >= except ? pick + 1 : pick
  }
  let left = random() * total
  let last = except === 0 ? 1 : 0
  for (let i = 0; i < candidates.length; i++) {
    if (i === except) continue
    const w = Math.max(0, weight(candidates[i] as T))
    if (w === 0) continue
    last = i
    left -= w
    if (left < 0) return i
  }
  return last
}
