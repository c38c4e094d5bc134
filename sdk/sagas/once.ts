/** `ctx.once`: an effect and the note that it has happened. */
import type { Json } from '../../core/saga/definition.ts'
import type { SagaTask } from './api.ts'
import { afterDo, afterUndo, answerOf, beginUndo, type Change, type LedgerRow, type SagaLedger } from './ledger.ts'

type Half = 'do' | 'undo'

/** One attempt's dealings with the ledger. */
export class Notes {
  readonly #ledger: SagaLedger
  readonly #key: string
  readonly #phase: Half
  /** the handler has noted its effect itself */
  #noted = false

  constructor(ledger: SagaLedger, task: Pick<SagaTask, 'doKey'>, phase: Half) {
    this.#ledger = ledger
    this.#key = task.doKey
    this.#phase = phase
  }

  /** The answer when there is nothing to do any more. From here on a do that comes after its undo is refused. */
  async begin(): Promise<Json | undefined> {
    const known = answerOf(await this.#ledger.find(this.#key), this.#phase, this.#key)
    if (known === undefined && this.#phase === 'undo') await this.#ledger.transact(this.#key, beginUndo)
    return known
  }

  /** Notes what a handler did that has not used `once`. */
  async end(output: Json): Promise<void> {
    if (this.#noted) return
    await this.#ledger.transact(this.#key, (row) => this.#after(row, output))
  }

  async once<T>(effect: () => T | Promise<T>): Promise<T> {
    const { complete } = this.#ledger
    let output: Json | undefined
    if (complete) {
      output = await this.#ledger.transact(this.#key, (row) => {
        const known = answerOf(row, this.#phase, this.#key)
        if (known !== undefined) return { row: null, value: known }
        // What is not in a complete ledger has not happened: there is nothing to be undone.
        if (this.#phase === 'undo' && !row?.done) return this.#after(row, null)
        const value = effect()
        if (value instanceof Promise) return value.then((late) => this.#after(row, jsonOf(late)))
        return this.#after(row, jsonOf(value))
      })
    } else {
      output = answerOf(await this.#ledger.find(this.#key), this.#phase, this.#key)
      if (output === undefined) {
        const value = jsonOf(await effect())
        output = await this.#ledger.transact(this.#key, (row) => this.#after(row, value))
      }
    }
    this.#noted = true
    return output as T
  }

  #after(row: LedgerRow | null, output: Json): Change<Json> {
    if (this.#phase === 'undo') return afterUndo(row, output)
    // Its undo has begun while it was under way: the lease is gone, and the undo knows better.
    if (row && row.undo !== 'none') return { row: null, value: output }
    return afterDo(output)
  }
}

/** Nothing at all is null. */
function jsonOf(value: unknown): Json {
  return (value ?? null) as Json
}
