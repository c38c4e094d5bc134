import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../core/clock.ts'
import { type TestStore, testStore } from '../db/test-store.ts'
import { openShop, SHOP_ROUTES } from './demo-routes.ts'
import { removeRoute } from './gateway/change.ts'

let file: TestStore
beforeEach(async () => {
  file = await testStore(new FakeClock())
})
afterEach(() => file[Symbol.asyncDispose]())

const ids = () => file.store.read(async (tx) => (await tx.q.gateway.routes()).map(({ id }) => id).sort())

test('the shop is opened once', async () => {
  await openShop(file.store)
  const all = SHOP_ROUTES.map(({ id }) => id).sort()
  expect(await ids()).toEqual(all)
  await openShop(file.store)
  expect(await ids()).toEqual(all)
  expect(await file.store.read((tx) => tx.q.gateway.revision())).toBe(SHOP_ROUTES.length)
})

test('what an operator has removed stays away', async () => {
  await openShop(file.store)
  for (const { id } of SHOP_ROUTES) {
    await file.store.transact({ actor: 'user:ada', operationId: null }, async (tx) => {
      const expectedRevision = (await tx.q.gateway.route(id))?.revision ?? 0
      await removeRoute(tx, { id, reason: 'the shop is closed', expectedRevision })
    })
  }
  await openShop(file.store)
  expect(await ids()).toEqual([])
})
