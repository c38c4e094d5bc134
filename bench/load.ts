/** Calls per second with a fixed number in flight: `inFlight` loops that each wait for their answer. */
export async function perSecond(inFlight: number, ms: number, call: (i: number) => Promise<unknown>): Promise<number> {
  let i = 0
  let done = 0
  const begun = performance.now()
  const end = begun + ms
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < end) {
        await call(i++)
        done += 1
      }
    }),
  )
  return done / ((performance.now() - begun) / 1000)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}

export function percentile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number
}

/** Runs the contenders of one metric in turns, so that noise of the machine meets all of them; the median of the rounds. */
export async function inTurns<K extends string>(
  rounds: number,
  contenders: { [name in K]?: ((round: number) => Promise<number>) | undefined },
): Promise<Record<K, number>> {
  const seen = {} as Record<K, number[]>
  for (let round = 0; round < rounds; round++) {
    for (const name of Object.keys(contenders) as K[]) {
      const contender = contenders[name]
      if (!contender) continue
      seen[name] ??= []
      seen[name].push(await contender(round))
    }
  }
  return Object.fromEntries(Object.keys(seen).map((name) => [name, median(seen[name as K])])) as Record<K, number>
}
