/** Copies one finished run until there are as many as asked for, with their histories, as if they had run before. */
import Database from 'better-sqlite3'

export function fillWithFinishedRuns(path: string, count: number): void {
  const db = new Database(path)
  db.pragma('synchronous = OFF')
  const run = db.prepare('select * from saga_runs where ended_at is not null order by id limit 1').get() as Record<
    string,
    string | number | null
  >
  const events = db.prepare('select seq, events from saga_events where run_id = ?').all(run.id) as {
    seq: number
    events: string
  }[]
  const columns = Object.keys(run)
  const addRun = db.prepare(
    `insert into saga_runs (${columns.join(',')}) values (${columns.map((column) => `@${column}`).join(',')})`,
  )
  const addEvents = db.prepare('insert into saga_events (run_id, seq, events) values (?, ?, ?)')
  db.transaction(() => {
    for (let i = 0; i < count; i++) {
      const id = `0a${String(i).padStart(16, '0')}`
      addRun.run({ ...run, id, idempotency_key: `filled-${i}` })
      for (const { seq, events: text } of events) addEvents.run(id, seq, text)
    }
  })()
  db.close()
}
