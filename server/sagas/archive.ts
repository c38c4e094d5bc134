/** Keeps the tables of sagas bounded: histories of finished runs are packed after a day and removed after their keep. */
import { historyOf } from './book.ts'
import { type SagaEngine, SYSTEM_ORIGIN } from './engine.ts'
import { pack } from './pack.ts'

const DAY_MS = 86_400_000
const PACK_AFTER_MS = DAY_MS
/** Runs in one transaction, and transactions in one go. */
const PORTION = 50
const PORTIONS_MAX = 200

/** Returns how many runs were packed or removed. */
export async function archive(engine: SagaEngine): Promise<number> {
  const { store } = engine
  const now = engine.clock.wall()
  let touched = 0
  const repeat = async (find: Parameters<typeof store.read<string[]>>[0], act: (id: string) => Promise<void>) => {
    for (let i = 0; i < PORTIONS_MAX; i++) {
      const ids = await store.read(find)
      for (const id of ids) await act(id)
      touched += ids.length
      if (ids.length < PORTION) return
    }
  }
  await repeat(
    (tx) => tx.q.sagas.toArchive(now - PACK_AFTER_MS, PORTION),
    (id) =>
      engine.transact(SYSTEM_ORIGIN, async (tx) => {
        await tx.q.sagas.putArchive(id, pack(await historyOf(tx, id)), tx.now)
      }),
  )
  const heads = await store.read((tx) => tx.q.sagas.heads())
  for (const head of heads) {
    const definition = await store.read((tx) => engine.book.definition(tx, head.name, head.latest))
    await repeat(
      (tx) => tx.q.sagas.toForget(head.name, now - definition.retentionDays * DAY_MS, PORTION),
      (id) =>
        engine.transact(SYSTEM_ORIGIN, async (tx) => {
          const row = await tx.q.sagas.run(id)
          if (!row) return
          await tx.q.sagas.forget(id)
          const summary = `${row.definition} ${id} removed after its keep`
          await tx.emit({ kind: 'saga.removed', key: `saga/${id}`, service: null, summary, value: null })
          tx.afterCommit(() => engine.book.count(row.definition, row.summary.status, -1))
        }),
    )
  }
  return touched
}
