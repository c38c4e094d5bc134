/** The gateway in a browser: a route from nothing, tried, limited, made slow on purpose, and taken back. */
import AxeBuilder from '@axe-core/playwright'
import { connect, type Holdfast, serve } from '@holdfast/sdk'
import { type BrowserContext, test as base, expect, type Locator, type Page } from '@playwright/test'
import { listen } from './browser.ts'
import { ADMIN_TOKEN, firstLink, type Launched, launch, newFolder, removeFolder } from './launch.ts'

const test = base
test.describe.configure({ mode: 'serial' })

const folder = newFolder()
const problems: string[] = []
let controlPlane: Launched
let shop: Holdfast
let context: BrowserContext
let page: Page

test.beforeAll(async ({ browser }) => {
  controlPlane = await launch({ folder, gateway: true })
  const { url } = controlPlane
  const server = await serve((_request, response) => void response.end('{"open":true}'), { port: 0, signals: false })
  shop = await connect({ url, token: ADMIN_TOKEN, server, service: { name: 'front', address: server.address } })
  context = await browser.newContext({ baseURL: url, reducedMotion: 'reduce', viewport: { width: 1440, height: 900 } })
  page = await context.newPage()
  listen(page, problems)
  await page.goto(firstLink(controlPlane))
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
})

test.afterAll(async () => {
  await context?.close()
  await shop?.close()
  await controlPlane?.stop()
  removeFolder(folder)
})

test.afterEach(() => {
  expect(problems, 'what the browser complains about').toEqual([])
})

/** Statuses of so many requests through the gateway, one after the other. */
async function ask(path: string, times: number, headers: Record<string, string> = {}): Promise<number[]> {
  const statuses: number[] = []
  for (let i = 0; i < times; i++) {
    const response = await fetch(`${controlPlane.gatewayUrl}${path}`, { headers })
    await response.arrayBuffer()
    statuses.push(response.status)
  }
  return statuses
}

async function save(reason: string): Promise<void> {
  await page.getByRole('button', { name: 'Preview and save' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('nothing stands against it')
  await dialog.getByLabel('Reason').fill(reason)
  await dialog.getByRole('button', { name: /^Save/ }).click()
  await expect(dialog).toBeHidden()
}

/** By the pointer, from a grip to above another step. */
async function drag(grip: Locator, over: Locator): Promise<void> {
  await grip.scrollIntoViewIfNeeded()
  const from = await grip.boundingBox()
  const to = await over.boundingBox()
  if (!from || !to) throw new Error('nothing to drag')
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(from.x + from.width / 2, to.y + 2, { steps: 12 })
  await page.mouse.up()
}

const routes = () => page.getByRole('list', { name: 'Routes' })
const banner = () => page.getByRole('region', { name: 'Faults made on purpose' })

test('a route is added, and what is wrong with it stands beside it until it is right', async () => {
  await page.goto('/gateway')
  await expect(page.getByText('The gateway has no route yet')).toBeVisible()
  await page.getByRole('link', { name: 'Add a route' }).click()
  await page.getByLabel('Id', { exact: true }).fill('shop')
  await page.getByLabel('Path', { exact: true }).fill('shop')
  await expect(page.getByRole('alert').filter({ hasText: '"/"' }).first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Preview and save' })).toBeDisabled()
  await page.getByLabel('Path', { exact: true }).fill('/shop')
  await page.getByLabel('Service of target 1').fill('front')
  await save('the way in')
  await expect(routes().getByRole('listitem').filter({ hasText: 'shop' })).toContainText(/ready|serving/)
  await expect(page.getByText('1 of 1, revision 1')).toBeVisible()
  await expect.poll(() => ask('/shop', 1)).toEqual([200])
})

test('a request is tried: its answer, each step of its way, and where its time went', async () => {
  await page.goto('/gateway?route=shop')
  await page.getByRole('link', { name: 'Try', exact: true }).click()
  await expect(page.getByLabel('Path and query')).toHaveValue('/shop')
  await page.getByRole('button', { name: 'Send the request' }).click()
  const steps = page.getByRole('list', { name: 'Steps of the request' })
  for (const step of ['route', 'request-id', 'access-log', 'timeout', 'retry', 'breaker']) {
    await expect(steps.getByRole('listitem').filter({ hasText: step }).first()).toBeVisible()
  }
  await expect(page.getByText('by the service')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Body of the answer' })).toContainText('"open": true')
  await expect(page.getByRole('list', { name: 'Parts of the tried request' })).toContainText('Network')
})

test('steps of the chain move by the keyboard, and a limit shows as 429 in the live log', async () => {
  await page.goto('/gateway/routes/shop')
  await page.getByRole('button', { name: 'Add to the chain' }).click()
  await page.getByRole('menuitem', { name: /^Rate limit/ }).click()
  const steps = page.getByRole('list', { name: 'Steps of the chain' }).getByRole('listitem')
  const limit = steps.filter({ hasText: 'Rate limit' })
  await expect(limit).toHaveCount(1)
  await limit.getByLabel('Requests', { exact: true }).fill('0')
  await expect(limit.getByRole('alert').first()).toContainText('must be from 1')
  await limit.getByLabel('Requests', { exact: true }).fill('2')
  await limit.getByLabel('in', { exact: true }).fill('3600000')
  await limit.getByRole('button', { name: 'a header' }).click()
  await limit.getByLabel('Header', { exact: true }).fill('x-client')
  const before = await steps.allTextContents()
  await limit.getByRole('button', { name: /^Move Rate limit/ }).focus()
  await page.keyboard.press('End')
  await expect(steps.last()).toContainText('Rate limit')
  await expect(steps.last().getByRole('button', { name: /^Move Rate limit/ })).toBeFocused()
  expect(await steps.allTextContents()).not.toEqual(before)
  await drag(steps.last().getByRole('button', { name: /^Move Rate limit/ }), steps.filter({ hasText: 'Timeout' }))
  await expect(steps.nth(2)).toContainText('Rate limit')
  await save('one client asks too much')

  await page.goto('/gateway/log?status=4')
  await expect(page.getByText('No request matches')).toBeVisible()
  await expect.poll(async () => (await ask('/shop', 1, { 'x-client': 'greedy' }))[0]).toBe(429)
  const log = page.getByRole('list', { name: 'Requests' })
  await expect(log.getByRole('listitem').filter({ hasText: '429' }).first()).toContainText('/shop')
  await log.getByRole('link').first().click()
  await expect(page).toHaveURL(/status=4.*request=/)
  const panel = page.getByRole('complementary')
  await expect(panel).toContainText('a rate, concurrency or body limit')
  // While the keyboard or the pointer is among the rows, what comes waits.
  await log.getByRole('listitem').first().hover()
  const shown = await log.getByRole('listitem').count()
  await ask('/shop', 3, { 'x-client': 'greedy' })
  await expect(page.getByText('3 new wait')).toBeVisible()
  expect(await log.getByRole('listitem').count()).toBe(shown)
  await page.getByRole('heading', { name: 'Gateway' }).hover()
  await expect(log.getByRole('listitem')).toHaveCount(shown + 3)
  await page.getByRole('button', { name: 'Hold the log' }).click()
  await ask('/shop', 2, { 'x-client': 'greedy' })
  await page.getByRole('button', { name: 'Show 2 new' }).click()
  await expect(log.getByRole('listitem')).toHaveCount(shown + 5)
})

test('300 ms on an edge are seen as network, on every page and on the map, until they are ended', async () => {
  await page.goto('/gateway/faults?caller=gateway&callee=front')
  await page.getByRole('button', { name: 'Make the fault' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('300 ms later')
  await dialog.getByLabel('Reason').fill('what does a slow network do?')
  await dialog.getByRole('button', { name: 'Make the fault' }).click()
  await expect(dialog).toBeHidden()
  await expect(banner()).toContainText('calls of gateway to front: 300 ms later')

  await page.goto('/gateway/try?path=%2Fshop')
  await page.getByRole('button', { name: 'Send the request' }).click()
  const parts = page.getByRole('list', { name: 'Parts of the tried request' })
  // No upper bound: the machine may be slower than the fault.
  await expect(parts.getByRole('listitem').filter({ hasText: 'Network' })).toContainText(/[3-9]\d\d ms|\d\.\d+ s/)
  await page.goto('/?view=list')
  await expect(banner()).toBeVisible()
  const calls = page.getByRole('table', { name: 'Calls between services' })
  await expect(calls.getByRole('row').filter({ hasText: 'front' })).toContainText('fault')
  await banner().getByRole('button', { name: 'End the fault' }).click()
  await expect(banner()).toBeHidden()
  await expect(calls.getByRole('row').filter({ hasText: 'front' })).not.toContainText('fault')
})

test('the configuration goes back, with what that changes before it does', async () => {
  expect(await ask('/shop', 1, { 'x-client': 'greedy' })).toEqual([429])
  await page.goto('/gateway/revisions')
  await page.getByRole('link', { name: 'Revision 2', exact: true }).click()
  const panel = page.getByRole('complementary', { name: 'Revision 2' })
  await expect(panel).toContainText('one client asks too much')
  await panel.getByRole('button', { name: 'Go back to before it' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('region', { name: 'Route shop' })).toContainText('rate-limit')
  await dialog.getByRole('button', { name: 'Go back to revision 1' }).click()
  await expect(dialog).toContainText('Say why')
  await dialog.getByLabel('Reason').fill('they were not greedy after all')
  await dialog.getByRole('button', { name: 'Go back to revision 1' }).click()
  await expect(dialog).toBeHidden()
  const revisions = page.getByRole('list', { name: 'Revisions' }).getByRole('listitem')
  await expect(revisions.first()).toContainText('back to 1')
  await expect(revisions.first()).toContainText('in force')
  await expect.poll(() => ask('/shop', 3, { 'x-client': 'greedy' })).toEqual([200, 200, 200])
})

const PAGES = [
  '/gateway?route=shop',
  '/gateway/routes/shop',
  '/gateway/log',
  '/gateway/try?path=%2Fshop',
  '/gateway/faults',
  '/gateway/revisions?revision=2',
]

for (const colorScheme of ['light', 'dark'] as const) {
  test(`its pages have no barriers in ${colorScheme}, with a fault on`, async () => {
    test.setTimeout(180_000)
    const target = { route: 'shop' }
    const data = { target, share: 0.5, delayMs: 10, reason: 'to be looked at', forMs: 600_000 }
    const { fault } = await shop.trpc.gateway.faults.start.mutate({ data })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const path of PAGES) {
      await page.goto(path)
      await expect(banner()).toBeVisible()
      await ask('/shop', 1)
      if (path.includes('/try')) {
        await page.getByRole('button', { name: 'Send the request' }).click()
        await expect(page.getByRole('list', { name: 'Steps of the request' })).toBeVisible()
      }
      const { violations } = await new AxeBuilder({ page }).analyze()
      const told = violations.map(
        ({ id, nodes }) => `${path} ${id}: ${nodes.map((n) => n.html.slice(0, 200)).join('\n')}`,
      )
      expect(told).toEqual([])
    }
    await shop.trpc.gateway.faults.end.mutate({ data: { id: fault.id, reason: 'looked at' } })
  })
}

test('none of its pages scrolls sideways at 390 px', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const path of [...PAGES, '/gateway', '/gateway/new']) {
    await page.goto(path)
    await expect(page.getByRole('heading').first()).toBeVisible()
    const wider = await page.evaluate(() => {
      const main = document.querySelector('main') as HTMLElement
      return [document.documentElement, main].map((element) => element.scrollWidth - element.clientWidth)
    })
    expect([path, ...wider]).toEqual([path, 0, 0])
  }
})
