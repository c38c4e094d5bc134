import { connect } from '@holdfast/sdk'
import { expect, test } from './browser.ts'

test('a token: shown once, good for a service, and worthless once revoked', async ({ page, url }) => {
  await page.goto('/settings/tokens')
  await page.getByRole('button', { name: 'Create a token' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('till')
  await dialog.getByRole('checkbox', { name: /registry:read/ }).check()
  await dialog.getByRole('checkbox', { name: /registry:write/ }).check()
  await dialog.getByRole('button', { name: 'Create token' }).click()
  const shown = page.getByRole('region', { name: 'The token till' })
  const secret = ((await shown.getByRole('region', { name: 'token', exact: true }).textContent()) ?? '').trim()
  expect(secret.length).toBeGreaterThan(30)
  await expect(shown.getByRole('region', { name: 'code with the SDK' })).toContainText(secret)
  await shown.getByRole('button', { name: 'I have copied it' }).click()
  await page.reload()
  await expect(page.getByRole('table', { name: 'All service tokens' })).toContainText('till')
  expect(await page.content()).not.toContain(secret)

  const closed: string[] = []
  const holdfast = await connect({
    url,
    token: secret,
    service: { id: 'till-1', name: 'till', address: '127.0.0.1:7001' },
    onEvent: (event) => {
      if (event.type === 'disconnected') closed.push(event.reason)
    },
  })
  await page.goto('/services')
  await expect(page.getByRole('table', { name: 'Services' }).getByRole('row').filter({ hasText: 'till' })).toBeVisible()

  await page.goto('/settings/tokens')
  await page.getByRole('button', { name: 'Revoke the token till' }).click()
  const revoke = page.getByRole('dialog')
  await revoke.getByLabel('Reason').fill('the till was stolen')
  await revoke.getByRole('button', { name: 'Revoke token' }).click()
  await expect(revoke).toBeHidden()
  // It is cut off at once; what comes back afterwards is nobody.
  await expect.poll(() => closed.length).toBeGreaterThan(0)
  await expect
    .poll(() =>
      holdfast.trpc.registry.list.query({ data: {} }).then(
        () => 'answered',
        () => 'refused',
      ),
    )
    .toBe('refused')
  await holdfast.close()
})
