import { expect, signedInAs, test } from './browser.ts'
import { headersOf, request } from './wire.ts'

test('filters are in the address and survive a reload', async ({ page }) => {
  await page.goto('/services')
  const table = page.getByRole('table', { name: 'Services' })
  await expect(table.getByRole('row').filter({ hasText: 'storefront' })).toBeVisible()
  await page.getByLabel('Find services by name or tag').fill('ship')
  await expect(table.getByRole('row').filter({ hasText: 'storefront' })).toBeHidden()
  await expect(page).toHaveURL(/q=ship/)
  await page.reload()
  await expect(page.getByLabel('Find services by name or tag')).toHaveValue('ship')
  await expect(table.getByRole('row').filter({ hasText: 'shipping' })).toBeVisible()
  await expect(table.getByRole('row').filter({ hasText: 'storefront' })).toBeHidden()
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(table.getByRole('row').filter({ hasText: 'storefront' })).toBeVisible()
})

test('maintenance: asked why, shown, in the audit trail, undone', async ({ page }) => {
  const reason = `Moving the disks, ${Date.now()}`
  await page.goto('/services/notifications')
  await page.getByRole('button', { name: 'Start maintenance' }).first().click()
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'Start maintenance' })
  await confirm.click()
  await expect(dialog, 'without a reason it is not done').toContainText('Say why')
  await dialog.getByLabel('Reason').fill(reason)
  await confirm.click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('notifications is in maintenance.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'End maintenance' }).first()).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('button', { name: 'Start maintenance' }).first()).toBeVisible()
  await page.goto('/journal/audit')
  await expect(page.getByText(reason, { exact: true }).first()).toBeVisible()
  await expect(page.getByText(`Undone: ${reason}`).first()).toBeVisible()
})

test('a viewer may look, and is told why no more', async ({ browser, url }) => {
  const { context, page } = await signedInAs(browser, 'viewer', 'looks-only@example.org')
  await page.goto('/services/notifications')
  await expect(page.getByText(/Looking only\. This needs the role "operator"/).first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Start maintenance' })).toHaveCount(0)
  const [cookie] = await context.cookies()
  const refused = await request(url, '/api/trpc/registry.setMaintenance', {
    method: 'POST',
    headers: { ...headersOf(url, { cookie: `${cookie?.name}=${cookie?.value}` }), 'content-type': 'application/json' },
    body: JSON.stringify({ data: { target: { service: 'notifications' }, on: true, reason: 'because I can' } }),
  })
  expect(refused.status).toBe(403)
  expect(refused.text).toContain('FORBIDDEN')
  await context.close()
})
