/**
 * For tests: is a recorded history linearizable to a leased mutex with fencing tokens? After Wing and Gong, "Testing and
 * verifying concurrent objects", 1993, with the memory of Lowe, 2017, as Porcupine does it: some order of the operations
 * must explain every answer, in which none comes before one that had ended when it began.
 */
export interface Operation {
  client: string
  kind: 'acquire' | 'release' | 'renew'
  /** order of the moments at which it began and ended; no answer: Infinity, and it may never have happened */
  call: number
  return: number
  /** the same moments on the clock of leases, milliseconds */
  callAt: number
  returnAt: number
  /** of the lease; 0: acquire without an answer */
  token: number
  /** `gone`: not held any more, as far as the server knew */
  answer: 'ok' | 'gone' | 'unknown'
  ttlMs: number
}

interface State {
  /** 0: nobody */
  holder: number
  last: number
}

/** When the lease of a token can have run out at the earliest, by all that its holder was told. */
function earliestEnds(history: readonly Operation[]): Map<number, number> {
  const ends = new Map<number, number>()
  for (const { kind, answer, token, callAt, ttlMs } of history) {
    if (answer !== 'ok' || kind === 'release') continue
    ends.set(token, Math.max(ends.get(token) ?? 0, callAt + ttlMs))
  }
  return ends
}

/** null: it is. Otherwise the operation at which every explanation breaks off. */
export function violation(history: readonly Operation[]): Operation | null {
  // An acquisition without an answer may be held by nobody we know, or by nobody: it explains nothing and forbids nothing.
  const operations = history
    .filter(({ kind, answer }) => kind !== 'renew' && !(kind === 'acquire' && answer !== 'ok'))
    .sort((a, b) => a.call - b.call)
  const ends = earliestEnds(history)
  const step = (state: State, op: Operation): State | null => {
    const over = state.holder !== 0 && op.returnAt >= (ends.get(state.holder) ?? 0)
    if (op.kind === 'acquire') {
      if (op.token <= state.last || (state.holder !== 0 && !over)) return null
      return { holder: op.token, last: op.token }
    }
    if (op.answer !== 'gone') return state.holder === op.token ? { holder: 0, last: state.last } : null
    if (state.holder !== op.token) return state
    return over ? { holder: 0, last: state.last } : null
  }

  const seen = new Set<string>()
  let furthest = 0
  /** depth first, without recursion: a history may be long */
  const stack: { first: number; beyond: number[]; state: State }[] = [
    { first: 0, beyond: [], state: { holder: 0, last: 0 } },
  ]
  for (let at = stack.pop(); at; at = stack.pop()) {
    let { first } = at
    const done = new Set(at.beyond)
    while (done.has(first)) done.delete(first++)
    furthest = Math.max(furthest, first)
    if (first >= operations.length) return null
    const key = `${first}/${[...done].sort((a, b) => a - b).join(',')}/${at.state.holder}/${at.state.last}`
    if (seen.has(key)) continue
    seen.add(key)
    let earliestReturn = Number.POSITIVE_INFINITY
    const next: typeof stack = []
    for (let i = first; i < operations.length; i++) {
      const op = operations[i] as Operation
      if (op.call > earliestReturn) break
      if (done.has(i)) continue
      if (op.answer !== 'unknown') earliestReturn = Math.min(earliestReturn, op.return)
      // Without an answer it may also never have happened: passed over, state as it was.
      if (op.answer === 'unknown') next.push({ first, beyond: [...done, i], state: at.state })
      const state = step(at.state, op)
      if (state) next.push({ first, beyond: [...done, i], state })
    }
    // Those that began first are tried first: nearly always right.
    stack.push(...next.reverse())
  }
  return operations[furthest] ?? null
}
