/** Locks in a browser: contention, a holder released by force whose late write is refused, a deadlock named and broken. */
import { connect, Fence, type LockError } from '@holdfast/sdk'
import { expect, signedInAs, test } from './browser.ts'
import { ADMIN_TOKEN } from './launch.ts'

test('contention is seen, the queue opened, a holder released by force and its late write refused', async ({
  page,
  url,
}) => {
  const reason = `Stuck in a meeting, ${Date.now()}`
  const resource = `room ${Date.now()}`
  const fence = new Fence()
  const holdfast = await connect({ url, token: ADMIN_TOKEN, telemetry: false })
  const other = await connect({ url, token: ADMIN_TOKEN, telemetry: false })
  let stale: unknown = null
  let began = () => {}
  const holding = new Promise<void>((resolve) => {
    began = resolve
  })
  const work = holdfast.lock(resource, { ttlMs: 60_000, label: 'ada' }, async ({ fencingToken, signal }) => {
    fence.admit(resource, fencingToken)
    began()
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await taken
    try {
      fence.admit(resource, fencingToken)
    } catch (error) {
      stale = error
    }
  })
  work.catch(() => undefined)
  await holding
  let release = () => {}
  const taken = other.lock(resource, { waitMs: 60_000, label: 'bob' }, async ({ fencingToken }) => {
    fence.admit(resource, fencingToken)
  })
  const third = other.lock(
    resource,
    { waitMs: 60_000, label: 'eve' },
    () =>
      new Promise<void>((resolve) => {
        release = resolve
      }),
  )

  await page.goto('/locks')
  const row = page.getByRole('table', { name: 'Locks' }).getByRole('row').filter({ hasText: resource })
  await expect(row).toContainText('contended')
  await expect(row).toContainText('ada')
  await row.getByRole('link').click()
  const panel = page.getByRole('complementary', { name: `Lock ${resource}` })
  await expect(panel).toContainText('Queue: 2 waiting')
  await panel.getByRole('button', { name: 'Release by force' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('ada loses it at once')
  await expect(dialog).toContainText('bob gets it next; 2 wait')
  await dialog.getByLabel('Reason').fill(reason)
  await dialog.getByRole('button', { name: 'Release by force' }).click()
  await expect(dialog).toBeHidden()

  const lost = (await work.catch((error: unknown) => error)) as LockError
  expect(lost.message).toContain(`by force: ${reason}`)
  expect((stale as LockError | null)?.details).toMatchObject({ cause: 'stale' })
  await expect(panel).toContainText('eve')
  await expect(panel.getByText('taken by force').first()).toBeVisible()
  release()
  await third
  await page.goto('/journal/audit')
  await expect(page.getByText(reason, { exact: true }).first()).toBeVisible()
  await holdfast.close()
  await other.close()
})

test('a deadlock of the demo fleet is named, and broken by force', async ({ page }) => {
  await page.goto('/demo')
  await page.getByRole('button', { name: 'Make a deadlock' }).click()
  await page.goto('/locks')
  const alarm = page.getByRole('alert').filter({ hasText: 'Deadlock.' })
  await expect(alarm).toContainText('shelf/kitchen')
  await expect(alarm).toContainText('shelf/garden')
  await page.getByRole('link', { name: 'shelf/kitchen' }).click()
  await page.getByRole('button', { name: 'Release by force' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('to break the deadlock')
  await dialog.getByRole('button', { name: 'Release by force' }).click()
  await expect(dialog).toBeHidden()
  await expect(alarm).toBeHidden()
})

test('a viewer sees locks and may not take one away', async ({ browser }) => {
  const { context, page } = await signedInAs(browser, 'viewer', 'sees-locks@example.org')
  await page.goto('/locks?lock=notifications%2Fsender')
  await expect(page.getByRole('complementary')).toContainText(/Looking only\. This needs the role "operator"/)
  await expect(page.getByRole('button', { name: 'Release by force' })).toHaveCount(0)
  await context.close()
})
