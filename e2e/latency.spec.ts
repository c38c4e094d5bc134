/** Latency in a browser: a service is made slow, its queue grows, it is named as what gives way; cells, traces, two periods. */
import type { Page } from '@playwright/test'
import { expect, test } from './browser.ts'
import { ADMIN, ask } from './wire.ts'

const INSTANCES = ['inventory-1', 'inventory-2', 'inventory-3']
/** More at a time than the slots of all its instances: some must wait. */
const AT_A_TIME = 24

interface Report {
  bottleneck: string | null
  services: { service: string; stations: { id: string; utilisation: number | null; queueMs: number }[] }[]
}

const bottlenecks = (url: string) => ask<Report>(url, ADMIN, 'query', 'telemetry.bottlenecks', {})
const act = (url: string, action: 'slow' | 'normal') =>
  Promise.all(INSTANCES.map((instance) => ask(url, ADMIN, 'mutation', 'demo.act', { instance, action })))

async function queueMs(url: string): Promise<number> {
  const { services } = await bottlenecks(url)
  const stations = services.find(({ service }) => service === 'inventory')?.stations ?? []
  return Math.max(0, ...stations.map((station) => station.queueMs))
}

/** Asks the storefronts for their first page, which asks the inventory, until it is stopped. */
async function customers(url: string): Promise<() => Promise<void>> {
  const { instances } = await ask<{ instances: { address: string }[] }>(url, ADMIN, 'query', 'registry.discover', {
    name: 'storefront',
  })
  let on = true
  const loops = Array.from({ length: AT_A_TIME }, async (_, i) => {
    while (on) {
      const { address } = instances[i % instances.length] as { address: string }
      const status = await fetch(`http://${address}/`).then(
        async (response) => {
          await response.arrayBuffer()
          return response.status
        },
        () => 0,
      )
      // While their breaker is open they are refused at once.
      if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 200))
    }
  })
  return async () => {
    on = false
    await Promise.all(loops)
  }
}

test.describe('a service that becomes slow', () => {
  test.afterEach(async ({ url }) => {
    await act(url, 'normal')
  })

  test('its queue grows, and it is named as what gives way first, on the page and on the map', async ({
    page,
    url,
  }) => {
    test.setTimeout(150_000)
    const before = await queueMs(url)
    await page.goto('/demo')
    for (const instance of INSTANCES) {
      const how = page.getByRole('group', { name: `How ${instance} behaves` })
      await how.getByRole('button', { name: 'slow' }).click()
      await expect(how.getByRole('button', { name: 'slow' })).toHaveAttribute('aria-pressed', 'true')
    }
    const stop = await customers(url)
    try {
      await expect.poll(() => queueMs(url), { timeout: 60_000 }).toBeGreaterThan(before + 50)
      await page.goto('/latency/bottlenecks')
      await expect(page.getByRole('region', { name: 'What gives way first' })).toContainText(
        /inventory-\d (gives way first|is saturated)/,
      )
      const first = page.getByRole('table', { name: 'Use of each instance' }).getByRole('row').nth(1)
      await expect(first).toContainText(/inventory-\d/)
      const path = page.getByRole('listitem').filter({ hasText: 'inventory gives way first' }).first()
      await expect(path).toContainText('storefront')
      await page.getByRole('button', { name: '×10', exact: true }).click()
      await expect(page).toHaveURL(/load=10/)
      await expect(first).toContainText('saturated')

      await page.goto('/')
      await page.getByRole('button', { name: 'Bottlenecks' }).click()
      const panel = page.getByRole('complementary', { name: 'Bottlenecks' })
      await expect(panel.getByRole('heading', { level: 2 })).toHaveText(/inventory-\d gives way first/)
      await panel.getByRole('button', { name: 'inventory', exact: true }).click()
      await expect(page.getByRole('complementary', { name: 'Service inventory' })).toBeVisible()
      await page.getByRole('button', { name: 'Close panel' }).click()
      await expect(panel).toBeVisible()
      await page.getByRole('button', { name: 'Close panel' }).click()
      await expect(panel).toBeHidden()

      await page.goto('/latency?caller=storefront&callee=inventory')
      const queue = page.getByRole('table', { name: 'Parts of the mean request' }).getByRole('row', { name: /^Queue/ })
      await expect(queue).toContainText('ms')
    } finally {
      await stop()
    }
  })
})

/** The cell under the arrow keys, as it is told. */
const told = (page: Page) => page.getByText(/: (\d[\d.k]*|no) requests?$/)

test('a cell of the heatmap opens the requests in it, one of them its trace with all of its pieces', async ({
  page,
  url,
}) => {
  // Of all that was kept, one that lies in a cell of the last quarter of an hour.
  const kept = () =>
    ask<{ exemplars: { traceId: string; at: number; cut: { totalMs: number } }[] }>(
      url,
      ADMIN,
      'query',
      'telemetry.exemplars',
      { order: 'newest', limit: 50 },
    ).then(({ exemplars }) => exemplars)
  await expect.poll(async () => (await kept()).length, { timeout: 60_000 }).toBeGreaterThan(5)
  await page.goto('/latency')
  const map = page.getByRole('application', { name: 'Requests by duration' })
  await map.focus()
  await page.keyboard.press('ArrowLeft')
  await expect(told(page)).toBeVisible()

  const one = (await kept())[3] as { traceId: string; at: number; cut: { totalMs: number } }
  const from = one.at - (one.at % 10_000)
  const { totalMs } = one.cut
  await page.goto(`/latency?from=${from}&to=${from + 10_000}&least=${totalMs * 0.99}&below=${totalMs * 1.01}`)
  const requests = page.getByRole('table', { name: 'Requests kept whole' })
  const link = requests.getByRole('link').first()
  await expect(link).toHaveAttribute('href', `/latency/traces/${one.traceId}`)
  await link.click()
  const panel = page.getByRole('complementary', { name: 'Trace' })
  await expect(panel.getByRole('list', { name: 'Requests of the trace' }).getByRole('listitem').first()).toBeVisible()
  const pieces = panel.getByRole('region', { name: /^Pieces of / })
  await expect(pieces.getByRole('listitem').first()).toContainText('ms')
  await expect(page).toHaveURL(new RegExp(`trace=${one.traceId}`))
  await panel.getByRole('link', { name: 'Open as a page' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'One trace' })).toBeVisible()
  await expect(page.getByText(one.traceId).first()).toBeVisible()
})

test('a click on the heatmap chooses what is under the pointer, and says so', async ({ page }) => {
  await page.goto('/latency')
  const map = page.getByRole('application', { name: 'Requests by duration' })
  // The newest column with traffic, its lowest cell; the map moves on by a column every ten seconds.
  await expect(async () => {
    await map.blur()
    await map.focus()
    await page.keyboard.press('ArrowLeft')
    await expect(told(page)).not.toContainText('no request', { timeout: 1_000 })
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/least=/, { timeout: 2_000 })
  }).toPass()
  const all = page.getByRole('button', { name: /: show all$/ })
  await expect(all).toBeVisible()
  await all.click()
  await expect(page).not.toHaveURL(/least=/)
})

test('two periods are compared, part by part, and each figure names its quality', async ({ page }) => {
  await page.goto('/latency')
  await page.getByRole('combobox', { name: 'Compare' }).click()
  await page.getByRole('option', { name: 'with the time before' }).click()
  await expect(page).toHaveURL(/against=before/)
  const parts = page.getByRole('table', { name: 'Parts of the mean request' })
  await expect(page.getByText(/^before /).first()).toBeVisible()
  await expect(parts.getByRole('row', { name: /^Total/ })).toContainText('100%')
  await expect(page.getByText('Measured', { exact: true }).first()).toBeVisible()
  await page.getByRole('link', { name: 'Bottlenecks', exact: true }).click()
  await expect(page).toHaveURL(/\/latency\/bottlenecks$/)
})
