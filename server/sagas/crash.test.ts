/** The process dies before and after every commit of a saga that fails and is undone; the participants keep a ledger. */
import { expect, test } from 'vitest'
import type { SagaSpec } from '../../core/saga/definition.ts'
import type { Store } from '../../db/store.ts'
import { type Participant, Refusal, type TestSagas, testSagas } from '../test-sagas.ts'
import type { SagaTask } from './task.ts'

/** What participants have done, by key: they tell repetitions, take an empty undo, and then refuse the late do. */
class Ledger {
  readonly effects = new Map<string, number>()
  readonly undone = new Set<string>()
  readonly order: string[] = []
  readonly wrong: string[] = []

  do(task: SagaTask): boolean {
    if (this.undone.has(task.key)) return false
    if (!this.effects.has(task.key)) this.order.push(`do ${task.step}`)
    this.effects.set(task.key, 1)
    return true
  }

  undo(task: SagaTask): void {
    if (!this.undone.has(task.doKey)) this.order.push(`undo ${task.step}`)
    this.undone.add(task.doKey)
    this.effects.delete(task.doKey)
  }
}

interface Crash {
  at: number
  when: 'before' | 'after'
}

/** Commits are counted; at the chosen one nothing is written, or all is and nobody hears of it. */
function crashing(crash: Crash | null) {
  const gate = { dead: false, commits: 0 }
  const wrap = (store: Store): Store =>
    new Proxy(store, {
      get(target, key) {
        if (key === 'transact') {
          return (origin: Parameters<Store['transact']>[0], verb: Parameters<Store['transact']>[1]) => {
            if (gate.dead) return Promise.reject(new Error('crashed'))
            gate.commits += 1
            const isIt = crash !== null && gate.commits === crash.at
            if (isIt && crash.when === 'before') {
              gate.dead = true
              return Promise.reject(new Error('crashed'))
            }
            return target
              .transact(origin, async (tx) => {
                const value = await verb(tx)
                if (isIt) gate.dead = true
                return value
              })
              .then((value) => {
                if (isIt) throw new Error('crashed')
                return value
              })
          }
        }
        const value = Reflect.get(target, key) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return { gate, wrap }
}

const SAGA: SagaSpec = {
  name: 'order',
  steps: [
    { name: 'reserve', action: { type: 'task', task: 'work' }, undo: { retry: { initialDelayMs: 50 } } },
    {
      parallel: [
        { name: 'charge', action: { type: 'task', task: 'work' }, undo: { retry: { initialDelayMs: 50 } } },
        { name: 'pack', action: { type: 'task', task: 'work' }, undo: {} },
      ],
    },
    { name: 'ship', action: { type: 'task', task: 'work' }, undo: {}, retry: { maxAttempts: 2, initialDelayMs: 50 } },
  ],
}

async function scenario(
  crash: Crash | null,
  failing: boolean,
): Promise<{ t: TestSagas; ledger: Ledger; commits: number }> {
  const { gate, wrap } = crashing(crash)
  const ledger = new Ledger()
  let refusals = 2
  const participant: Participant = (task) => {
    // A dead control plane hands nothing out and hears nothing.
    if (gate.dead) return 'silent'
    if (task.phase === 'undo') {
      if (task.step === 'charge' && refusals > 0) {
        refusals -= 1
        return new Refusal('BUSY', { retryable: true })
      }
      ledger.undo(task)
      return null
    }
    if (!ledger.do(task)) return new Refusal('TOO_LATE')
    // It has shipped, and the answer is lost.
    if (failing && task.step === 'ship') return new Refusal('TIMEOUT', { outcome: 'unknown', retryable: true })
    return { did: task.step }
  }
  const t = await testSagas({ wrap })
  let defined = false
  let runId: string | null = null
  let lost: SagaTask[] = []
  for (let i = 0; i < 200; i++) {
    try {
      if (!defined) {
        await t.define(SAGA)
        defined = true
      }
      t.work(['work'])
      // Tasks that a worker had in hand when the control plane died are done all the same, and reported under their fence.
      for (const task of lost.splice(0)) {
        if (participant(task) === null || ledger.effects.has(task.key)) {
          const ref = { step: task.step, phase: task.phase, fence: task.fence, worker: 'w1' }
          await t.sagas.complete('token:fleet', task.runId, ref, { did: task.step }).catch((error: unknown) => {
            if (gate.dead) throw error
          })
        }
      }
      runId ??= (await t.start('order', { input: { n: 1 }, idempotencyKey: 'k1' })).runId
      await t.pass(1_000, participant)
      if (!gate.dead && (await t.state(runId)).ended) break
    } catch (error) {
      if (!gate.dead) throw error
    }
    if (gate.dead) {
      lost = crash !== null && crash.at % 2 === 0 && !failing ? [...t.inbox] : []
      gate.dead = false
      await t.restart(10)
    }
  }
  return { t, ledger, commits: gate.commits }
}

async function verify(crash: Crash | null, failing: boolean): Promise<number> {
  const { t, ledger, commits } = await scenario(crash, failing)
  await using _t = t
  const runs = await t.file.store.read((tx) => tx.q.sagas.runs({ limit: 10 }))
  const where = `crash ${crash?.when ?? 'nowhere'} ${crash?.at ?? ''}`
  expect(
    runs.map((run) => run.status),
    where,
  ).toEqual([failing ? 'compensated' : 'succeeded'])
  const state = await t.state(runs[0]?.id as string)
  expect(ledger.effects.size, where).toBe(failing ? 0 : 4)
  if (failing) {
    // S3: exactly what was done, in reverse order of dependency
    const undone = ledger.order.filter((entry) => entry.startsWith('undo '))
    expect(undone.toSorted(), where).toEqual(['undo charge', 'undo pack', 'undo reserve', 'undo ship'])
    expect([undone[0], undone[3]], where).toEqual(['undo ship', 'undo reserve'])
    expect(
      ledger.order.findLastIndex((entry) => entry.startsWith('do ')),
      where,
    ).toBeLessThan(ledger.order.indexOf('undo ship'))
  }
  // S2: the history in the file is whole: each entry follows the one before
  const history = await t.history(state.id)
  expect(
    history.map((event) => event.seq),
    where,
  ).toEqual(history.map((_, i) => i + 1))
  return commits
}

test.each([
  ['fails and is undone', true],
  ['succeeds', false],
] as const)(
  'S1-S4: a saga that %s, with a crash before and after every commit',
  async (_what, failing) => {
    const commits = await verify(null, failing)
    expect(commits).toBeGreaterThan(failing ? 12 : 5)
    for (let at = 1; at <= commits; at++) {
      for (const when of ['before', 'after'] as const) await verify({ at, when }, failing)
    }
  },
  120_000,
)
