// npm run backup -- FILE: copies the database while the control plane runs, checks the copy, then puts it in place.
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import Database from 'better-sqlite3'
import { root } from './sources.mjs'

const target = process.argv[2]
if (!target) {
  console.error('Usage: npm run backup -- FILE')
  process.exit(2)
}
const url = process.env.HOLDFAST_DATABASE_URL ?? 'file:./data/holdfast.db'
const source = resolve(root, url.replace(/^file:(\/\/)?/, ''))
const file = resolve(target)
const partial = `${file}.partial`
try {
  if (!existsSync(source)) throw new Error(`There is no database at ${source}. Set HOLDFAST_DATABASE_URL.`)
  if (existsSync(file)) throw new Error(`${file} exists already. Choose another name: a backup never replaces a file.`)
  const db = new Database(source, { readonly: true, fileMustExist: true })
  // One snapshot for all steps. Without it the copy begins anew whenever the writer commits between two of them, which on a
  // busy file of more than one step never ends. The writer goes on meanwhile: it has a log of its own.
  db.exec('begin')
  db.prepare('select count(*) from sqlite_schema').get()
  let shown = -1
  await db.backup(partial, {
    progress({ totalPages, remainingPages }) {
      const percent = totalPages === 0 ? 100 : Math.floor(((totalPages - remainingPages) / totalPages) * 100)
      if (process.stdout.isTTY && percent !== shown) process.stdout.write(`\r${percent}%`)
      shown = percent
      return 10_000
    },
  })
  db.close()
  // Hashes of tokens and sessions are in there: for nobody else on this machine, as the file it was made of.
  chmodSync(partial, 0o600)
  const copy = new Database(partial)
  copy.pragma('journal_mode = DELETE')
  const check = copy.pragma('integrity_check(3)')
  const head = copy.prepare("select seq from sqlite_sequence where name = 'journal'").pluck().get() ?? 0
  // Whoever opens this file has restored it: fencing tokens then go on far above those granted since.
  copy
    .prepare(
      "insert into meta (key, value) values ('restored', ?) on conflict (key) do update set value = excluded.value",
    )
    .run(new Date().toISOString())
  copy.close()
  if (check[0]?.integrity_check !== 'ok') throw new Error(`The copy is damaged: ${JSON.stringify(check)}`)
  renameSync(partial, file)
  console.log(`\rBacked up to ${file}, up to journal entry ${head}.`)
} catch (error) {
  rmSync(partial, { force: true })
  console.error(`\nholdfast: ${error.message}`)
  process.exit(1)
}
