/** Who waits for whom, and whether somebody waits for themselves in the end. */

/** One session that waits for one resource. */
export interface Wait {
  session: string
  resource: string
  /** sessions it waits for: those who hold the resource and those before it in the queue */
  blockers: readonly string[]
  /** true: one of them is enough (permits of a semaphore); false: all must go */
  any: boolean
}

export interface WaitEdge {
  from: string
  to: string
  resource: string
}

export interface Deadlock {
  /** in order: each waits for the next, the last for the first */
  cycle: WaitEdge[]
}

/** Sessions looked at for one answer; past it the answer is "none seen". */
const SESSIONS_MAX = 5_000

/**
 * The cycle that `session` is part of, or null. `waitsOf`: what a session waits for now. A session that waits for any of
 * several permits is stuck only when all of their holders are (Knapp 1987, the AND-OR model).
 */
export function deadlockOf(session: string, waitsOf: (session: string) => readonly Wait[]): Deadlock | null {
  const reached = new Map<string, readonly Wait[]>()
  const open = [session]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue
    if (reached.size >= SESSIONS_MAX) return null
    const waits = waitsOf(next)
    reached.set(next, waits)
    for (const { blockers } of waits) for (const blocker of blockers) if (!reached.has(blocker)) open.push(blocker)
  }
  // Whoever waits for nothing can go on; then whoever waits only for those who can; what is left is stuck for ever.
  const moving = new Set<string>()
  for (let before = -1; before !== moving.size; ) {
    before = moving.size
    for (const [name, waits] of reached) {
      if (!moving.has(name) && waits.every((wait) => canEnd(wait, moving))) moving.add(name)
    }
  }
  if (moving.has(session)) return null
  const cycle = walk(session, (name) => {
    const waits = reached.get(name) ?? []
    const stuck = waits.find((wait) => !canEnd(wait, moving)) as Wait
    return { stuck, next: stuck.blockers.filter((blocker) => !moving.has(blocker)) }
  })
  return cycle && { cycle }
}

function canEnd({ blockers, any }: Wait, moving: ReadonlySet<string>): boolean {
  if (blockers.length === 0) return true
  return any ? blockers.some((b) => moving.has(b)) : blockers.every((b) => moving.has(b))
}

/** The shortest way from `session` back to itself; null when it only waits for a cycle of others. */
function walk(session: string, step: (name: string) => { stuck: Wait; next: readonly string[] }): WaitEdge[] | null {
  const cameBy = new Map<string, WaitEdge>()
  let front = [session]
  while (front.length > 0) {
    const further: string[] = []
    for (const from of front) {
      const { stuck, next } = step(from)
      for (const to of next) {
        const edge = { from, to, resource: stuck.resource }
        if (to === session) return unwind(session, edge, cameBy)
        if (cameBy.has(to)) continue
        cameBy.set(to, edge)
        further.push(to)
      }
    }
    front = further
  }
  return null
}

function unwind(session: string, last: WaitEdge, cameBy: ReadonlyMap<string, WaitEdge>): WaitEdge[] {
  const path = [last]
  for (let at = last.from; at !== session; ) {
    const edge = cameBy.get(at) as WaitEdge
    path.unshift(edge)
    at = edge.from
  }
  return path
}

/** `a waits for "x", held by b, who waits for "y", held by a` */
export function cycleText(cycle: readonly WaitEdge[]): string {
  return cycle.map(({ from, to, resource }) => `${from} waits for "${resource}" because of ${to}`).join('; ')
}
