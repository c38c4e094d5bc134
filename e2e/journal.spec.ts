import { connect } from '@holdfast/sdk'
import { connection, expect, test } from './browser.ts'
import { ADMIN_TOKEN } from './launch.ts'

test('what happens is in the journal as it happens, and opens with what it changed', async ({ page, url }) => {
  await page.goto('/journal')
  await expect(connection(page)).toHaveText('Live')
  const service = { id: 'kiosk-1', name: 'kiosk', address: '127.0.0.1:7002' }
  const holdfast = await connect({ url, token: ADMIN_TOKEN, service })
  const entry = page.getByText('kiosk-1 registered at 127.0.0.1:7002').first()
  await expect(entry).toBeVisible()
  await entry.click()
  await expect(page.getByRole('complementary')).toContainText('127.0.0.1:7002')
  await page.reload()
  await expect(page.getByRole('complementary'), 'what stands open is in the address').toContainText('127.0.0.1:7002')
  await holdfast.close()
})
