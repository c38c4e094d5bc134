/** Every page: in light and dark, wide and narrow, for eyes and for screen readers. */
import AxeBuilder from '@axe-core/playwright'
import { connection, expect, test } from './browser.ts'

const PAGES = [
  '/',
  '/?view=list',
  '/services',
  '/services?service=orders',
  '/services/orders',
  '/breakers',
  '/breakers?breaker=inventory',
  '/?load=true',
  '/latency',
  '/latency?against=before',
  '/latency/bottlenecks',
  '/locks',
  '/locks?show=leaders&lock=notifications%2Fsender',
  '/locks/notifications%2Fsender',
  '/gateway',
  '/gateway/new',
  '/gateway/log',
  '/gateway/try',
  '/gateway/faults',
  '/gateway/revisions',
  '/policies',
  '/policies?policy=patient',
  '/sagas',
  '/sagas/stuck',
  '/sagas/definitions',
  '/sagas/schedules',
  '/sagas/workers',
  '/journal',
  '/journal/audit',
  '/journal/at',
  '/demo',
  '/settings/account',
  '/settings/users',
  '/settings/tokens',
  '/settings/sessions',
  '/settings/system',
]

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme })
    for (const path of PAGES) {
      test(`${path} has no barriers`, async ({ page }) => {
        await page.goto(path)
        await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
        await expect(connection(page)).toHaveText('Live')
        const { violations } = await new AxeBuilder({ page }).analyze()
        const told = violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join('\n')}`,
        )
        expect(told).toEqual([])
      })
    }
  })
}

test.describe('at 390 px', () => {
  test.use({ viewport: { width: 390, height: 844 } })
  for (const path of PAGES) {
    test(`${path} does not scroll sideways`, async ({ page }) => {
      await page.goto(path)
      await expect(connection(page)).toHaveText('Live')
      const wider = await page.evaluate(() => {
        const main = document.querySelector('main') as HTMLElement
        return [document.documentElement, main].map((element) => element.scrollWidth - element.clientWidth)
      })
      expect(wider).toEqual([0, 0])
    })
  }
})

test('the sign-in has no barriers', async ({ browser, url }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ baseURL: url, colorScheme, storageState: { cookies: [], origins: [] } })
    const page = await context.newPage()
    await page.goto('/sign-in')
    await expect(page.getByLabel('E-mail')).toBeVisible()
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await context.close()
  }
})
