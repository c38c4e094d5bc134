/** Schedules and workers of sagas in a browser; and all pages of sagas for eyes, for screen readers, and for those who only look. */
import AxeBuilder from '@axe-core/playwright'
import { connection, expect, signedInAs } from './browser.ts'
import { reaches, start, test } from './saga-trip.ts'
import { ADMIN, ask } from './wire.ts'

test('the clock starts runs, a queue is limited, and a task that nobody takes is seen', async ({ page, url }) => {
  const name = `e2e-clock-${Date.now()}`
  await page.goto('/sagas/schedules')
  await page.getByRole('button', { name: 'New schedule' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByLabel('Saga').click()
  await page.getByRole('option', { name: 'e2e-trip', exact: true }).click()
  await dialog.getByLabel('Cron').fill('every now and then')
  await expect(dialog.getByRole('status', { name: 'Next times' })).toContainText('is no schedule')
  await dialog.getByLabel('Cron').fill('* * * * * *')
  await expect(dialog.getByRole('status', { name: 'Next times' }).getByRole('listitem')).toHaveCount(5)
  await dialog.getByLabel('Reason').fill('trips every second')
  await dialog.getByRole('button', { name: 'Keep the schedule' }).click()
  await expect(dialog).toBeHidden()
  const row = page.getByRole('table', { name: 'Schedules of sagas' }).getByRole('row').filter({ hasText: name })
  await expect(row).toContainText('on')
  await expect(row.getByRole('link', { name: /ago/ })).toBeVisible()
  await row.getByRole('button', { name: `Remove ${name}` }).click()
  await dialog.getByLabel('Reason').fill('trips enough')
  await dialog.getByRole('button', { name: `Remove ${name}` }).click()
  await expect(row).toBeHidden()

  const task = `e2e-nobody-${Date.now()}`
  const definition = {
    name: 'e2e-nobody',
    steps: [{ name: 'wait', action: { type: 'task', task, queue: 'e2e-slow' } }],
  }
  await ask(url, ADMIN, 'mutation', 'sagas.define', { definition })
  await ask(url, ADMIN, 'mutation', 'sagas.start', { definition: 'e2e-nobody', input: {} })
  await page.goto('/sagas/workers')
  const tasks = page.getByRole('table', { name: 'Tasks' }).getByRole('row')
  await expect(tasks.filter({ hasText: task })).toContainText('nobody takes it')
  await expect(page.getByRole('table', { name: 'Connected workers' })).toContainText('e2e-flight')
  await page.getByRole('button', { name: 'Limit e2e-slow' }).click()
  await dialog.getByLabel('Tasks under way at most').fill('3')
  await dialog.getByLabel('Reason').fill('the machine is small')
  await dialog.getByRole('button', { name: 'Limit e2e-slow' }).click()
  await expect(dialog).toBeHidden()
  const queue = page.getByRole('table', { name: 'Queues' }).getByRole('row').filter({ hasText: 'e2e-slow' })
  await expect(queue).toContainText('3')
})

test('a viewer sees a run and may not move it', async ({ browser, url }) => {
  const runId = await start(url, {}, { paused: true })
  const { context, page } = await signedInAs(browser, 'viewer', `sees-sagas-${Date.now()}@example.org`)
  await page.goto(`/sagas/${runId}?step=hotel`)
  const toolbar = page.getByRole('toolbar', { name: 'Debugger' })
  await expect(toolbar).toContainText(/Looking only\. This needs the role "operator"/)
  for (const name of ['Continue', 'Step over', 'End it']) {
    await expect(toolbar.getByRole('button', { name, exact: true })).toHaveCount(0)
  }
  await expect(page.getByRole('button', { name: 'Edit the input' })).toHaveCount(0)
  await context.close()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a run and a definition have no barriers, ${colorScheme}`, async ({ page, url }) => {
    test.setTimeout(120_000)
    await page.emulateMedia({ colorScheme })
    const runId = await start(url, { pay: 'too-dear', 'undo car': 'lot-closed' })
    await reaches(url, runId, 'stuck')
    const views = ['', '?step=car&phase=undo', '?view=graph', '?view=time', '?view=history&step=hotel', '?at=9']
    const paths = [
      ...views.map((view) => `/sagas/${runId}${view}`),
      '/sagas?q=e2e',
      '/sagas/stuck',
      '/sagas/definitions',
    ]
    for (const path of [...paths, '/sagas/definitions/e2e-trip']) {
      await page.setViewportSize({ width: 1440, height: 900 })
      await page.goto(path)
      await expect(connection(page)).toHaveText('Live')
      const { violations } = await new AxeBuilder({ page }).analyze()
      const told = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join('\n')}`,
      )
      expect(told, path).toEqual([])
      await page.setViewportSize({ width: 390, height: 844 })
      const wider = await page.evaluate(() => {
        const main = document.querySelector('main') as HTMLElement
        return [document.documentElement, main].map((element) => element.scrollWidth - element.clientWidth)
      })
      expect(wider, path).toEqual([0, 0])
    }
  })
}
