/** The control plane goes and comes back while a page is open; the page says so and goes on by itself. */

import { connect } from '@holdfast/sdk'
import { connection, expect, test } from './browser.ts'
import { ADMIN_TOKEN, firstLink, type Launched, launch, newFolder, removeFolder } from './launch.ts'

// A page that finds nobody to connect to says so in the console.
test.use({
  storageState: { cookies: [], origins: [] },
  allowed: /WebSocket connection to|ERR_CONNECTION_(REFUSED|RESET)|Failed to fetch/,
})

test('a page outlives a restart of the control plane', async ({ page }) => {
  test.setTimeout(120_000)
  const folder = newFolder()
  let controlPlane: Launched = await launch({ folder })
  const { port, url } = controlPlane
  try {
    const service = { id: 'lamp-1', name: 'lamp', address: '127.0.0.1:7003' }
    const holdfast = await connect({ url, token: ADMIN_TOKEN, service })
    await page.goto(firstLink(controlPlane))
    await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
    await page.goto(`${url}/services`)
    const status = connection(page)
    await expect(status).toContainText('Live')
    await controlPlane.stop()
    await expect(status).toContainText(/Reconnecting|Offline/)
    await expect(status).toContainText('Offline', { timeout: 25_000 })
    await expect(page.getByRole('alert').filter({ hasText: 'The control plane does not answer' })).toBeVisible()
    await expect(page.getByRole('table', { name: 'Services' })).toContainText('lamp')
    controlPlane = await launch({ folder, port })
    await expect(status).toContainText('Live', { timeout: 30_000 })
    await expect(page.getByRole('alert').filter({ hasText: 'The control plane does not answer' })).toBeHidden()
    // What happens now is seen: the page follows again.
    const late = await connect({ url, token: ADMIN_TOKEN, service: { ...service, id: 'bulb-1', name: 'bulb' } })
    await expect(page.getByRole('table', { name: 'Services' })).toContainText('bulb')
    await page.reload()
    await expect(page.getByRole('table', { name: 'Services' })).toContainText('lamp')
    await Promise.all([holdfast.close(), late.close()])
  } finally {
    await controlPlane.stop()
    removeFolder(folder)
  }
})
