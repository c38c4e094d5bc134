/** The browser of every spec: signed in as the first admin, and nothing may go wrong unseen. */
import { type Browser, type BrowserContext, test as base, expect, type Locator, type Page } from '@playwright/test'
import { ADMIN, ask } from './wire.ts'

export { expect } from '@playwright/test'

interface Options {
  /** errors in the console that belong to what the spec does */
  allowed: RegExp
}

interface Fixtures {
  url: string
  problems: string[]
}

export const url = (): string => process.env.HOLDFAST_E2E_URL ?? ''

/** Collects what a page reports as wrong: exceptions, errors in the console (violations of the policy are such). */
export function listen(page: Page, problems: string[], allowed: RegExp = /^$/): void {
  const note = (problem: string) => {
    if (!allowed.test(problem)) problems.push(`${page.url()}: ${problem}`)
  }
  page.on('pageerror', (error) => note(`exception: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') note(`${message.text()} ${message.location().url}`)
  })
}

export const test = base.extend<Options & Fixtures>({
  allowed: [/^$/, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: the first argument of a fixture names what it needs
  baseURL: async ({}, use) => use(url()),
  // biome-ignore lint/correctness/noEmptyPattern: as above
  storageState: async ({}, use) => use(process.env.HOLDFAST_E2E_STATE),
  // biome-ignore lint/correctness/noEmptyPattern: as above
  url: async ({}, use) => use(url()),
  problems: [
    async ({ page, allowed }, use) => {
      const problems: string[] = []
      listen(page, problems, allowed)
      await use(problems)
      expect(problems, 'what the browser complains about').toEqual([])
    },
    { auto: true },
  ],
})

/** A one-time link for a new user of that role. */
export async function invite(role: 'viewer' | 'operator' | 'admin', email: string): Promise<string> {
  const { link } = await ask<{ link: string }>(url(), ADMIN, 'mutation', 'admin.users.invite', {
    email,
    name: email,
    role,
  })
  return link
}

/** A browser of somebody else, signed in by their link. */
export async function signedInAs(
  browser: Browser,
  role: 'viewer' | 'operator' | 'admin',
  email: string,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ baseURL: url(), storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  await page.goto(await invite(role, email))
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  return { context, page }
}

/** The shown word for the connection; it is announced as a status. */
export function connection(page: Page): Locator {
  return page.getByRole('status').filter({ hasText: /^(Live|Paused|Reconnecting|Offline)/ })
}
