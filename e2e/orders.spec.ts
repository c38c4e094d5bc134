/** The demo's orders are sagas: they come by in the list, and one opens with its lanes. */
import { expect, test } from './browser.ts'
import { ADMIN, ask, until } from './wire.ts'

interface Run {
  id: string
  status: string
  error: { code: string } | null
}

test('orders of the demo fleet run as sagas: seen in the list, opened, and undone when a card is declined', async ({
  page,
  url,
}) => {
  test.setTimeout(150_000)
  const runs = (statuses: string[]) =>
    ask<{ runs: Run[] }>(url, ADMIN, 'query', 'sagas.list', { definition: 'place-order', statuses }).then((a) => a.runs)
  await until('orders have gone well', 60_000, async () => (await runs(['succeeded'])).length >= 3)
  await page.goto('/sagas?saga=place-order')
  await expect(page.getByText('place-order').first()).toBeVisible()
  await expect(page.getByText('succeeded').first()).toBeVisible()

  const [run] = await runs(['succeeded'])
  await page.goto(`/sagas/${run?.id}`)
  for (const step of ['reserve-stock', 'charge-card', 'send-parcel', 'tell-customer']) {
    await expect(page.getByText(step).first()).toBeVisible()
  }

  // One card in forty is declined.
  await until('an order was undone', 80_000, async () => (await runs(['compensated'])).length > 0)
  const [undone] = await runs(['compensated'])
  expect(['CARD_DECLINED', 'ADDRESS_UNKNOWN', 'OUT_OF_STOCK']).toContain(undone?.error?.code)
  await page.goto(`/sagas/${undone?.id}`)
  await expect(page.getByText(/undone|compensated/).first()).toBeVisible()
})
