import { connect } from '@holdfast/sdk'
import { expect, signedInAs, test } from './browser.ts'
import { ADMIN_TOKEN } from './launch.ts'
import { ADMIN, ask } from './wire.ts'

test('a policy is edited before its picture, saved with a reason, followed live, undone', async ({ page, url }) => {
  const holdfast = await connect({ url, token: ADMIN_TOKEN, telemetry: false })
  expect(holdfast.policy('eager').policy.maxRetries).toBe(2)
  await page.goto('/policies?policy=eager')
  const editor = page.getByRole('article', { name: 'Policy eager' })
  await expect(editor.getByRole('heading', { name: 'Who follows it now' })).toBeVisible()
  await expect(page.getByRole('navigation', { name: 'All policies' }).getByText('1 caller')).toBeVisible({
    timeout: 10_000,
  })

  await editor.getByLabel('Longest delay', { exact: true }).fill('10')
  await expect(editor.getByRole('alert')).toContainText('Raise it to at least 50 ms')
  await expect(editor.getByRole('button', { name: 'Save eager' })).toBeDisabled()
  await editor.getByLabel('Longest delay', { exact: true }).fill('800')
  await editor.getByLabel('Retries', { exact: true }).fill('4')
  await editor.getByRole('button', { name: 'Save eager' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('The 1 caller that follows it retries by these values at once.')
  await dialog.getByLabel('Reason').fill('the till is impatient')
  await dialog.getByRole('button', { name: 'Save eager' }).click()
  await expect(dialog).toBeHidden()
  await expect(editor).toContainText('“the till is impatient”')
  await expect.poll(() => holdfast.policy('eager').policy.maxRetries).toBe(4)
  expect(holdfast.policy('eager').sources).toMatchObject({ maxRetries: 'stored', initialDelayMs: 'built-in' })

  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => holdfast.policy('eager').policy.maxRetries).toBe(2)
  await expect(editor).not.toContainText('the till is impatient')
  await page.goto('/journal/audit')
  await expect(page.getByText('Undone: the till is impatient').first()).toBeVisible()
  await holdfast.close()
})

test('the second of two operators is told who was first and why, with both sides to see', async ({
  page,
  browser,
  url,
}) => {
  const name = 'two-at-once'
  await page.goto('/policies')
  await page.getByRole('button', { name: 'New policy' }).click()
  const asked = page.getByRole('dialog')
  await asked.getByLabel('Name').fill(name)
  await asked.getByRole('button', { name: 'Edit it' }).click()
  const editor = page.getByRole('article', { name: `Policy ${name}` })
  await editor.getByLabel('Retries', { exact: true }).fill('9')

  const bob = await signedInAs(browser, 'operator', 'bob-policies@example.org')
  await bob.page.goto(`/policies?policy=${name}`)
  await bob.page.getByLabel('Retries', { exact: true }).fill('1')
  await bob.page.getByRole('button', { name: `Save ${name}` }).click()
  await bob.page.getByRole('dialog').getByLabel('Reason').fill('less is more')
  await bob.page
    .getByRole('dialog')
    .getByRole('button', { name: `Save ${name}` })
    .click()
  await expect(bob.page.getByRole('dialog')).toBeHidden()

  const conflict = editor.getByRole('alert', { name: 'Changed meanwhile' })
  await expect(conflict).toContainText('bob-policies@example.org changed two-at-once')
  await expect(conflict).toContainText('less is more')
  await expect(editor.getByRole('button', { name: `Save ${name}` })).toBeDisabled()
  await conflict.getByRole('button', { name: 'Go on with mine' }).click()
  await editor.getByRole('button', { name: `Save ${name}` }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('more is more')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Save ${name}` })
    .click()
  await expect(bob.page.getByText('“more is more”')).toBeVisible()
  const { policy } = await ask<{ policy: { policy: { maxRetries: number } } }>(url, ADMIN, 'query', 'policies.get', {
    name,
  })
  expect(policy.policy.maxRetries).toBe(9)
  await bob.context.close()
})

test('by keyboard alone, and a viewer only looks', async ({ page, browser }) => {
  await page.goto('/policies')
  await page.keyboard.press('g')
  await page.keyboard.press('p')
  const charts = page.getByRole('img', { name: 'Retries in each 100 ms' })
  await charts.focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByText(/^0: without jitter 0, with its jitter \d+/)).toBeVisible()
  const eve = await signedInAs(browser, 'viewer', 'eve-policies@example.org')
  await eve.page.goto('/policies')
  await expect(eve.page.getByText(/Looking only/)).toBeVisible()
  await expect(eve.page.getByLabel('Retries', { exact: true })).toBeDisabled()
  await expect(eve.page.getByRole('button', { name: /Save|New policy/ })).toHaveCount(0)
  await eve.context.close()
})
