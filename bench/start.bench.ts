/** From starting the process of the built product to `/readyz`, on an empty file and on one with a million journal entries. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { launch, newFolder, removeFolder } from '../e2e/launch.ts'
import { median } from './load.ts'
import { remark, report } from './report.ts'

const EVENTS = 1_000_000
const RUNS = 5

async function readyMs(folder: string): Promise<number> {
  const took: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const controlPlane = await launch({ folder, env: { HOLDFAST_LOG_LEVEL: 'warn' } })
    took.push(controlPlane.startedMs)
    await controlPlane.stop()
  }
  return median(took)
}

const empty = newFolder()
report({ bench: 'start', metric: 'ready', unit: 'ms', ours: await readyMs(empty), limit: 3_000, lower: true })
remark(`filling a journal with ${EVENTS.toLocaleString('en')} entries …`)
const db = new Database(join(empty, 'holdfast.db'))
const insert = db.prepare(
  'insert into journal (at, kind, key, service, actor, summary, operation_id, value) values (?, ?, ?, ?, ?, ?, null, ?)',
)
const value = JSON.stringify({ id: 'x', note: 'x'.repeat(200) })
const now = Date.now()
db.transaction(() => {
  for (let i = 0; i < EVENTS; i++) {
    insert.run(
      now - (EVENTS - i),
      'instance.health',
      `instance/i-${i % 10_000}`,
      `service-${i % 1_000}`,
      'system',
      `i-${i % 10_000} is healthy`,
      value,
    )
  }
})()
// As the control plane leaves it: all but the newest entries are in the index.
db.transaction(() => {
  db.exec(`insert into journal_keys select key, seq from journal where true order by key, seq on conflict do nothing`)
  db.exec(`insert into journal_of_services select service, seq from journal where service is not null order by service, seq
    on conflict do nothing`)
  db.exec(`update meta set value = (select max(seq) from journal) where key = 'journal.indexed'`)
})()
db.close()
report({
  bench: 'start',
  metric: 'readyAtMillionEvents',
  unit: 'ms',
  ours: await readyMs(empty),
  limit: 5_000,
  lower: true,
})
removeFolder(empty)
process.exit(0)
