/** D3: a commit that the disk refuses. Its outcome is unknown, so the process ends; the next one knows from the file. */
import { once } from 'node:events'
import { connect } from '@holdfast/sdk'
import { expect, test } from 'vitest'
import { ADMIN_TOKEN, launch, newFolder, removeFolder } from './launch.ts'

const WRITERS = 16

test('D3: a disk that takes no more ends the process with code 70, and what was acknowledged is there afterwards', async () => {
  const folder = newFolder()
  const acknowledged: string[] = []
  let refused = 0
  const full = await launch({ folder, until: 'healthz', fileMax: 6 * 1024 * 1024 })
  const ended = once(full.process, 'exit')
  const holdfast = await connect({ url: full.url, token: ADMIN_TOKEN, telemetry: false, requestTimeoutMs: 5_000 })
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let i = 0; refused === 0 && i < 5_000; i++) {
      const id = `full-${writer}-${i}`
      try {
        await holdfast.trpc.registry.register.mutate({ data: { id, name: 'orders', address: '127.0.0.1:9', ttlMs: 0 } })
        acknowledged.push(id)
      } catch {
        refused += 1
      }
    }
  })
  await Promise.all(writers)
  expect(refused).toBeGreaterThan(0)
  expect(await ended).toEqual([70, null])
  expect(full.output()).toContain('a commit failed')
  await holdfast.close()

  const next = await launch({ folder, until: 'healthz' })
  try {
    const again = await connect({ url: next.url, token: ADMIN_TOKEN, telemetry: false })
    const { instances } = await again.trpc.registry.get.query({ data: { name: 'orders' } })
    const there = new Set(instances.map(({ id }) => id))
    expect(acknowledged.length).toBeGreaterThan(50)
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
    await again.close()
  } finally {
    await next.kill()
    removeFolder(folder)
  }
}, 60_000)
