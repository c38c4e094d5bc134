import { expect, invite, test } from './browser.ts'

test.use({ storageState: { cookies: [], origins: [] }, allowed: /the server responded with a status of 401/ })

test('a link signs in once, and says so the second time', async ({ page, browser, url }) => {
  const link = await invite('viewer', 'once@example.org')
  await page.goto(link)
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
  expect(page.url(), 'the secret is gone from the address').not.toContain('token')

  const other = await browser.newContext({ baseURL: url, storageState: { cookies: [], origins: [] } })
  const second = await other.newPage()
  await second.goto(link)
  await expect(second.getByRole('alert').filter({ hasText: 'has been used already; it works once' })).toBeVisible()
  await expect(second.getByLabel('Password')).toBeVisible()
  await other.close()
})

test('a wrong password says no more than that', async ({ page }) => {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill('nobody@example.org')
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'Wrong e-mail address or password.' })).toBeVisible()
})

test('a page asked for without a session is shown after signing in', async ({ page }) => {
  await page.goto('/services')
  await expect(page).toHaveURL(/\/sign-in/)
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
})

test('signing out ends the session, for its cookie too', async ({ page, context, url }) => {
  await page.goto(await invite('viewer', 'leaver@example.org'))
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
  const cookies = await context.cookies()
  const signOut = page.getByRole('menuitem', { name: 'Sign out' })
  // A page is seen before it is alive.
  await expect(async () => {
    if (!(await signOut.isVisible())) await page.getByRole('button', { name: /^Account of/ }).click()
    await expect(signOut).toBeVisible({ timeout: 1_000 })
  }).toPass()
  await signOut.click()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await context.addCookies(cookies)
  const answer = await context.request.get(`${url}/api/trpc/admin.me?input=${encodeURIComponent('{"data":{}}')}`)
  expect(answer.status()).toBe(401)
})
