import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../core/saga/definition.ts'
import { FakeTime } from '../fake-time.ts'
import { attempt, type Result, type Work } from './attempt.ts'
import { CallOff } from './call-off.ts'
import { task } from './fake-link.ts'
import type { SagaContext, SagaHandlers } from './handlers.ts'
import { memoryLedger, type SagaLedger } from './ledger.ts'
import { sqliteLedger } from './sqlite-ledger.ts'

const time = new FakeTime()

function run(ledger: SagaLedger, handlers: SagaHandlers, phase: 'do' | 'undo' | 'probe' = 'do'): Promise<Result> {
  const work: Work = {
    task: task({ phase }),
    abort: new CallOff(),
    takenAt: 0,
    aliveAt: 0,
    progress: undefined,
    lost: null,
    gone: false,
  }
  return attempt({ time, ledger, handlers, beat: async () => undefined }, work)
}

const LEDGERS: [string, () => SagaLedger][] = [
  ['in memory', memoryLedger],
  ['in SQLite', () => sqliteLedger(new Database(':memory:'))],
]

describe.each(LEDGERS)('a ledger %s', (_where, make) => {
  test('the same key again changes nothing and gives the first result', async () => {
    const ledger = make()
    let times = 0
    const handlers = { reserve: () => ({ id: ++times }) }
    expect(await run(ledger, handlers)).toEqual({ output: { id: 1 } })
    expect(await run(ledger, handlers)).toEqual({ output: { id: 1 } })
    expect(times).toBe(1)
  })

  test('a do that comes after its undo is refused', async () => {
    const ledger = make()
    const handlers = { reserve: { do: () => 'did', undo: () => 'undid' } }
    expect(await run(ledger, handlers, 'undo')).toEqual({ output: 'undid' })
    expect(await run(ledger, handlers)).toMatchObject({ failure: { error: { code: 'UNDONE' }, outcome: 'failed' } })
    expect(await run(ledger, handlers, 'undo')).toEqual({ output: 'undid' })
  })

  test('an undo that fails is done again; a do is refused meanwhile', async () => {
    const ledger = make()
    let fails = true
    const undo = () => {
      if (fails) throw new Error('busy')
      return 'undid'
    }
    const handlers = { reserve: { do: () => 'did', undo } }
    await run(ledger, handlers)
    expect(await run(ledger, handlers, 'undo')).toMatchObject({ failure: { retryable: true } })
    expect(await run(ledger, handlers)).toMatchObject({ failure: { error: { code: 'UNDONE' } } })
    fails = false
    expect(await run(ledger, handlers, 'undo')).toEqual({ output: 'undid' })
  })

  test('a do that wakes up in the middle, after its undo, does nothing with `once`', async () => {
    const ledger = make()
    let effects = 0
    let wake = () => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    const handlers = {
      reserve: {
        do: async (_input: Json, ctx: SagaContext) => {
          await asleep
          return ctx.once(() => ++effects)
        },
        undo: (_input: Json, ctx: SagaContext) => ctx.once(() => --effects),
      },
    }
    const late = run(ledger, handlers)
    await run(ledger, handlers, 'undo')
    const before = effects
    wake()
    expect(await late).toMatchObject({ failure: { error: { code: 'UNDONE' } } })
    expect(effects).toBe(before)
  })
})

describe('a ledger with the data', () => {
  test('an undo of what never happened succeeds and touches nothing', async () => {
    const database = new Database(':memory:')
    database.exec('CREATE TABLE stock (left INTEGER); INSERT INTO stock VALUES (10)')
    const ledger = sqliteLedger(database)
    const add = database.prepare('UPDATE stock SET left = left + ?')
    const handlers = {
      reserve: {
        do: (_input: Json, ctx: SagaContext) => ctx.once(() => void add.run(-1)),
        undo: (_input: Json, ctx: SagaContext) => ctx.once(() => void add.run(1)),
      },
    }
    await run(ledger, handlers, 'undo')
    await run(ledger, handlers)
    expect(database.prepare('SELECT left FROM stock').get()).toEqual({ left: 10 })
  })

  test('what throws in `once` leaves nothing behind', async () => {
    const database = new Database(':memory:')
    database.exec('CREATE TABLE stock (left INTEGER)')
    const ledger = sqliteLedger(database)
    const handlers = {
      reserve: (_input: Json, ctx: SagaContext) =>
        ctx.once((): Json => {
          database.exec('INSERT INTO stock VALUES (1)')
          throw new Error('half-way')
        }),
    }
    expect(await run(ledger, handlers)).toMatchObject({ failure: { error: { message: 'half-way' } } })
    expect(database.prepare('SELECT count(*) AS n FROM stock').get()).toEqual({ n: 0 })
    expect(database.prepare('SELECT count(*) AS n FROM saga_ledger').get()).toEqual({ n: 0 })
    const late = { reserve: (_input: Json, ctx: SagaContext) => ctx.once(async () => 1) }
    expect(await run(ledger, late)).toMatchObject({
      failure: { error: { message: expect.stringContaining('synchronous') } },
    })
  })

  test('answers a probe by itself', async () => {
    const ledger = sqliteLedger(new Database(':memory:'))
    const handlers = { reserve: (_input: Json, ctx: SagaContext) => ctx.once(() => 'r-1') }
    await run(ledger, handlers)
    expect(await run(ledger, handlers, 'probe')).toEqual({ output: { done: true, output: 'r-1' } })
    expect(await run(memoryLedger(), handlers, 'probe')).toMatchObject({ failure: { error: { code: 'NO_HANDLER' } } })
  })

  test('a probe that says no keeps the do from happening afterwards', async () => {
    const database = new Database(':memory:')
    database.exec('CREATE TABLE stock (left INTEGER); INSERT INTO stock VALUES (10)')
    const ledger = sqliteLedger(database)
    const take = database.prepare('UPDATE stock SET left = left - 1')
    let wake = () => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    const late = run(ledger, {
      reserve: async (_input: Json, ctx: SagaContext) => {
        await asleep
        return ctx.once(() => void take.run())
      },
    })
    expect(await run(ledger, {}, 'probe')).toEqual({ output: { done: false, final: true } })
    wake()
    expect(await late).toMatchObject({ failure: { error: { code: 'UNDONE' } } })
    expect(database.prepare('SELECT left FROM stock').get()).toEqual({ left: 10 })
    expect(await run(ledger, {}, 'probe')).toEqual({ output: { done: false, final: true } })
  })

  test.each([
    ['final', { done: false, final: true }, { failure: { error: { code: 'UNDONE' } } }],
    ['for now', { done: false }, { output: 'did' }],
  ])("a handler's no that is %s", async (_what, answer, then) => {
    const ledger = sqliteLedger(new Database(':memory:'))
    const handlers = { reserve: { do: () => 'did', probe: () => answer } }
    expect(await run(ledger, handlers, 'probe')).toEqual({ output: answer })
    expect(await run(ledger, handlers)).toMatchObject(then)
    // What the ledger knows to have happened is not denied.
    const known = 'output' in then ? { done: true, output: 'did' } : answer
    const denies = { reserve: { do: () => 'did', probe: () => ({ done: false, final: true }) } }
    expect(await run(ledger, denies, 'probe')).toEqual({ output: known })
  })

  test('whatever comes in whatever order, as often as it likes, and fails where it likes: at most one effect, none after an undo or a no', async () => {
    const order = fc.array(
      fc.record({
        phase: fc.constantFrom('do' as const, 'undo' as const, 'probe' as const),
        fails: fc.constantFrom('no', 'before', 'after'),
      }),
      { maxLength: 12 },
    )
    await fc.assert(
      fc.asyncProperty(order, async (attempts) => {
        const database = new Database(':memory:')
        database.exec('CREATE TABLE sum (n INTEGER); INSERT INTO sum VALUES (0)')
        const ledger = sqliteLedger(database)
        let isUndone = false
        for (const { phase, fails } of attempts) {
          const half = async (_input: Json, ctx: SagaContext) => {
            if (fails === 'before') throw new Error('before')
            await ctx.once(() => void database.exec(`UPDATE sum SET n = n + ${ctx.phase === 'do' ? 1 : -1}`))
            if (fails === 'after') throw new Error('after')
          }
          const before = (database.prepare('SELECT n FROM sum').get() as { n: number }).n
          const result = await run(ledger, { reserve: { do: half, undo: half } }, phase)
          if (phase === 'undo' && 'output' in result) isUndone = true
          const { n } = database.prepare('SELECT n FROM sum').get() as { n: number }
          if (phase === 'probe') {
            expect(n).toBe(before)
            // Its no is the last word.
            if (n === 0 && (result as { output: { done: boolean } }).output.done === false) isUndone = true
          }
          expect(n).toBeGreaterThanOrEqual(0)
          expect(n).toBeLessThanOrEqual(isUndone ? 0 : 1)
        }
        database.close()
      }),
      { numRuns: 150 },
    )
  })
})
