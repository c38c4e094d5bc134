/** D4: a backup that is made under load opens as a database and holds a prefix of what was acknowledged. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '@holdfast/sdk'
import { afterAll, expect, test } from 'vitest'
import { ADMIN_TOKEN, type Launched, launch, newFolder, removeFolder } from './launch.ts'
import { journalHead } from './wire.ts'

const script = join(dirname(dirname(fileURLToPath(import.meta.url))), 'scripts', 'backup.mjs')
const folder = newFolder()
const restored = newFolder()
const running: Launched[] = []

afterAll(async () => {
  for (const controlPlane of running) await controlPlane.kill()
  for (const path of [folder, restored]) removeFolder(path)
})

async function backup(database: string, to: string): Promise<{ code: number | null; said: string }> {
  const env = { ...process.env, HOLDFAST_DATABASE_URL: `file:${database}` }
  const child = spawn(process.execPath, [script, to], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  return { code, said }
}

test('a backup under load holds a prefix of what was acknowledged', { timeout: 120_000 }, async () => {
  const controlPlane = await launch({ folder, until: 'healthz', env: { HOLDFAST_LOG_LEVEL: 'warn' } })
  running.push(controlPlane)
  const holdfast = await connect({ url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false })
  const acknowledged: { id: string; seq: number }[] = []
  let writing = true
  const register = async (id: string, metadata: Record<string, string> = {}) => {
    const data = { id, name: `backup-${id.length % 5}`, address: '127.0.0.1:9', ttlMs: 0, metadata }
    const { seq } = await holdfast.trpc.registry.register.mutate({ data })
    acknowledged.push({ id, seq })
  }
  // More than one step of the copy takes, and than the writer's cache holds.
  const metadata = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`entry-${i}`, 'x'.repeat(500)]))
  for (let from = 0; from < 3_000; from += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => register(`before-${from + i}`, metadata)))
  }
  const before = acknowledged.length
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let i = 0; writing; i++) await register(`during-${writer}-${i}`)
  })
  const file = join(restored, 'holdfast.db')
  const made = await backup(join(folder, 'holdfast.db'), file)
  expect(made, made.said).toMatchObject({ code: 0 })
  expect(made.said).toMatch(/up to journal entry \d+/)
  const during = acknowledged.length - before
  writing = false
  await Promise.all(writers)
  expect(during, 'registrations acknowledged while it ran').toBeGreaterThan(0)
  expect(existsSync(`${file}-wal`), 'one file is the whole backup').toBe(false)
  expect(statSync(file).size, 'more than one step').toBeGreaterThan(60_000_000)
  expect(statSync(file).mode & 0o777, 'for nobody else').toBe(0o600)
  const kept = join(folder, 'kept.db')
  copyFileSync(file, kept)

  const again = await launch({ folder: restored, until: 'healthz', env: { HOLDFAST_LOG_LEVEL: 'warn' } })
  running.push(again)
  // One entry more than the copy has: that it was restored, and a new epoch of fencing tokens began.
  const head = (await journalHead(again.url)) - 1
  expect(made.said).toContain(`up to journal entry ${head}`)
  const reader = await connect({ url: again.url, token: ADMIN_TOKEN, telemetry: false })
  const found = new Set<string>()
  for (let i = 0; i < 5; i++) {
    const { instances } = await reader.trpc.registry.get
      .query({ data: { name: `backup-${i}` } })
      .catch(() => ({ instances: [] }))
    for (const { id } of instances) found.add(id)
  }
  const late = acknowledged.filter(({ id }, i) => i < before && !found.has(id))
  expect(late, 'acknowledged before the backup began, and not in it').toEqual([])
  // An answer may come with the head of a commit that others share, so only what is clearly beyond is counted as later.
  const holes = acknowledged.filter(({ id, seq }) => seq <= head && !found.has(id))
  expect(holes, 'acknowledged up to its last entry, and not in it').toEqual([])
  console.log(
    `${during} registrations during the backup; it has ${found.size} of ${acknowledged.length}, up to entry ${head}`,
  )
  await Promise.all([holdfast.close(), reader.close()])
})

test('a backup never replaces a file, and says what is missing', async () => {
  const target = join(folder, 'mine.txt')
  writeFileSync(target, 'mine')
  const refused = await backup(join(folder, 'holdfast.db'), target)
  expect(refused.code).toBe(1)
  expect(refused.said).toMatch(/exists already/)
  expect(readFileSync(target, 'utf8')).toBe('mine')
  const missing = await backup(join(folder, 'nothing.db'), join(folder, 'out.db'))
  expect(missing.code).toBe(1)
  expect(missing.said).toMatch(/no database at/)
  expect(existsSync(join(folder, 'out.db'))).toBe(false)
})
