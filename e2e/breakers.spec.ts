/** Breakers in a browser: one that opens by itself and closes again, one that is forced open, undone, and accounted for. */
import { connect } from '@holdfast/sdk'
import { expect, test } from './browser.ts'
import { ADMIN_TOKEN } from './launch.ts'
import { ADMIN, ask } from './wire.ts'

test('forced open with a reason: real calls are refused, everybody has it, undone, on the strip and in the audit trail', async ({
  page,
  url,
}) => {
  const reason = `The provider moves, ${Date.now()}`
  const name = `charge ${Date.now()}`
  const callers = await Promise.all([1, 2].map(() => connect({ url, token: ADMIN_TOKEN, telemetry: false })))
  const breakers = callers.map((holdfast) => holdfast.breaker(name))
  const call = () => Promise.all(breakers.map((breaker) => breaker.execute(async () => 'charged')))
  expect(await call()).toEqual(['charged', 'charged'])

  await page.goto('/breakers')
  await page.getByRole('searchbox').fill(name)
  const tile = page.getByRole('list', { name: 'Breakers' }).getByRole('listitem').filter({ hasText: name })
  await expect(tile).toContainText('closed')
  await expect(tile).toContainText('2 of 2 have it')
  await tile.getByRole('link').click()
  const panel = page.getByRole('complementary', { name: `Breaker ${name}` })
  await panel.getByRole('button', { name: 'Force open' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('2 callers')
  await dialog.getByLabel('Reason').fill(reason)
  await dialog.getByRole('button', { name: 'Force open' }).click()
  await expect(dialog).toBeHidden()

  await expect(tile).toContainText('forced open')
  await expect(tile).toContainText('2 of 2 have it')
  const refusals = await Promise.all(
    breakers.map((b) => b.execute(async () => 'charged').catch((error: Error) => error)),
  )
  for (const refusal of refusals) {
    expect((refusal as Error).name).toBe('BreakerOpenError')
    expect((refusal as Error).message).toContain(reason)
  }
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(tile).toContainText('closed')
  await expect.poll(() => call().catch(() => null)).toEqual(['charged', 'charged'])
  await expect(panel.getByText(reason).first()).toBeVisible()
  await page.goto('/journal/audit')
  await expect(page.getByText(reason, { exact: true }).first()).toBeVisible()
  await expect(page.getByText(`Undone: ${reason}`).first()).toBeVisible()
  await Promise.all(callers.map((holdfast) => holdfast.close()))
})

test('payments fail: their breaker opens by itself, and closes by itself once they work again', async ({
  page,
  url,
}) => {
  test.setTimeout(120_000)
  const act = (action: 'failing' | 'normal') =>
    Promise.all(
      ['payments-1', 'payments-2'].map((instance) => ask(url, ADMIN, 'mutation', 'demo.act', { instance, action })),
    )
  await page.goto('/breakers?q=payments')
  const list = page.getByRole('list', { name: 'Breakers' })
  const tile = list.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'payments', exact: true }) })
  await expect(tile).toContainText('closed')
  try {
    await act('failing')
    // A matter of traffic: the window has to hold enough calls, and half of them have to fail.
    await expect(tile).toContainText(/open|half-open/, { timeout: 60_000 })
    await page.goto('/breakers?q=payments&breaker=payments')
    await expect(
      page
        .getByRole('complementary')
        .getByText(/payments is open: /)
        .first(),
    ).toBeVisible()
  } finally {
    await act('normal')
  }
  await expect(tile).toContainText('closed', { timeout: 60_000 })
})
