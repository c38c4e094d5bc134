/** The pages of sagas in a browser: the list and what is done to many, the inbox, definitions, and acts that come too late. */
import AxeBuilder from '@axe-core/playwright'
import { connection, expect, signedInAs, test } from './browser.ts'
import { Participants, type Script } from './saga-participants.ts'
import { ADMIN, ask, until } from './wire.ts'

const retry = { maxAttempts: 1 }
const step = (name: string, more: object = {}) => ({
  name,
  action: { type: 'task', task: `e2e-${name}` },
  retry,
  undo: { retry },
  ...more,
})
const TRIP = {
  name: 'e2e-trip',
  steps: [
    step('flight'),
    { parallel: [step('hotel'), step('car')] },
    { ...step('pay'), kind: 'pivot', undo: undefined },
  ],
}
const TASKS = ['flight', 'hotel', 'car', 'pay', 'bulk'].map((name) => `e2e-${name}`)

/** The run's input says which lane does not do as it is told, and how. */
const obedient: Script = (task) => {
  const { input } = task as { input: { input?: object } & Record<string, string> }
  const orders = (input.input ?? input) as Record<string, string>
  const order = orders[task.phase === 'do' ? task.step : `${task.phase} ${task.step}`]
  if (order === 'held') return 'held'
  if (order === 'unknown') return { unknown: 'no-answer' }
  return order ? { refused: order } : { output: { by: task.step } }
}

let participants: Participants
test.beforeEach(async ({ url }) => {
  participants = await Participants.open(url, `e2e-${Date.now()}`, TASKS, obedient)
  await ask(url, ADMIN, 'mutation', 'sagas.define', { definition: TRIP })
})
test.afterEach(() => participants.close())

const start = async (url: string, input: Record<string, string>, more: object = {}) =>
  (await ask<{ runId: string }>(url, ADMIN, 'mutation', 'sagas.start', { definition: 'e2e-trip', input, ...more }))
    .runId
const statusOf = async (url: string, runId: string) =>
  (await ask<{ run: { status: string } }>(url, ADMIN, 'query', 'sagas.get', { runId })).run.status
const reaches = (url: string, runId: string, status: string) =>
  until(`${runId} is ${status}`, 20_000, async () => (await statusOf(url, runId)) === status)

test('runs are found by an address, continued together, and a view of them is kept', async ({ page, url }) => {
  const group = `g${Date.now()}`
  const ids = await Promise.all(
    ['one', 'two', 'three'].map((n) =>
      start(url, {}, { paused: true, attributes: { group }, idempotencyKey: `${group}-${n}` }),
    ),
  )
  await page.goto(`/sagas?attr=group:${group}`)
  const table = page.getByRole('table', { name: 'Runs' })
  await expect(table.getByRole('row').filter({ hasText: group })).toHaveCount(3)
  await page
    .getByRole('group', { name: /Runs by state/ })
    .getByRole('button', { name: /succeeded/ })
    .click()
  await expect(page).toHaveURL(/state=succeeded/)
  await expect(page.getByText('No run matches')).toBeVisible()
  await page.goBack()
  await page.goto(`/sagas?attr=group:${group}`)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByLabel('Name for what is shown now').fill(group)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.keyboard.press('Escape')
  await page.getByLabel('Choose all runs listed').check()
  const bar = page.getByRole('region', { name: 'What to do with the runs chosen' })
  await expect(bar).toContainText('3 runs chosen')
  await bar.getByRole('button', { name: 'Continue 3' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('the ferry sails again')
  await page.getByRole('dialog').getByRole('button', { name: 'Continue 3 runs' }).click()
  await Promise.all(ids.map((id) => reaches(url, id, 'succeeded')))
  await expect(table.getByText('succeeded')).toHaveCount(3)
  await page.goto('/sagas')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('button', { name: group, exact: true }).click()
  await expect(table.getByRole('row').filter({ hasText: group })).toHaveCount(3)
  await page.evaluate(() => localStorage.clear())
})

test('what waits for a person is helped from the inbox: resolved, waived, redriven with others', async ({
  page,
  url,
}) => {
  const group = `h${Date.now()}`
  const unknown = await start(url, { pay: 'unknown' }, { idempotencyKey: `${group}-unknown` })
  const stuck = await start(url, { pay: 'too-dear', 'undo car': 'lot-closed' }, { idempotencyKey: `${group}-stuck` })
  await reaches(url, unknown, 'stuck')
  await reaches(url, stuck, 'stuck')
  await page.goto('/sagas/stuck')
  const row = (name: string) => page.getByRole('listitem').filter({ hasText: `${group}-${name}` })
  const dialog = page.getByRole('dialog')
  await row('unknown').getByRole('button', { name: 'Resolve' }).click()
  await dialog.getByRole('button', { name: 'Resolve pay' }).click()
  await expect(dialog).toContainText('Say why')
  await dialog.getByLabel('Reason').fill('seen in the bank statement')
  await dialog.getByRole('radio', { name: /It has happened/ }).check()
  await dialog.getByLabel('Output of pay').fill('{ "paid": true }')
  await dialog.getByRole('button', { name: 'Resolve pay' }).click()
  await expect(dialog).toBeHidden()
  await reaches(url, unknown, 'succeeded')
  await row('stuck').getByRole('button', { name: 'Waive' }).click()
  await dialog.getByLabel('Reason').fill('the car is ours to keep')
  await dialog.getByRole('button', { name: 'Waive the undo of car' }).click()
  await expect(dialog).toBeHidden()
  await reaches(url, stuck, 'partially-compensated')
  await expect(row('stuck').getByRole('button', { name: 'Waive' })).toBeHidden()

  await page.goto(`/sagas?q=${group}-stuck`)
  await page.getByLabel(`Choose run ${stuck}`).check()
  await page.getByRole('button', { name: 'Redrive 1' }).click()
  await dialog.getByLabel('Reason').fill('the price fell')
  await dialog.getByRole('button', { name: 'Redrive 1 run' }).click()
  await expect(dialog).toBeHidden()
  await page.goto(`/sagas/${stuck}`)
  await expect(page.getByRole('region', { name: 'Related runs' })).toContainText('fork at flight')
})

test('an act that rests on what has changed shows what is, and can go by that', async ({ page, url }) => {
  const runId = await start(url, { pay: 'too-dear', 'undo hotel': 'full', 'undo car': 'lot-closed' })
  await reaches(url, runId, 'stuck')
  await page.goto(`/sagas/${runId}?step=hotel&phase=undo`)
  await page.getByRole('complementary', { name: 'Step hotel' }).getByRole('button', { name: 'Waive' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('let it go')
  // Somebody settles the car meanwhile: that is no obstacle.
  await ask(url, ADMIN, 'mutation', 'sagas.force', { runId, step: 'car', reason: 'brought back' })
  await expect(dialog).toContainText('Then still to be undone: flight.')
  await expect(dialog.getByRole('button', { name: 'Go by the present' })).toBeHidden()
  // Somebody settles the hotel meanwhile: that is one.
  await ask(url, ADMIN, 'mutation', 'sagas.force', { runId, step: 'hotel', reason: 'cancelled by phone' })
  await expect(dialog).toContainText('The run has moved on')
  await expect(dialog).toContainText('undo of hotel')
  await expect(dialog).toContainText('forced')
  await dialog.getByRole('button', { name: 'Waive the undo of hotel' }).click()
  await expect(dialog.getByRole('alert')).toContainText('has moved on')
  await dialog.getByRole('button', { name: 'Do nothing' }).click()
  await expect(page.getByRole('complementary', { name: 'Step hotel' })).toContainText('cancelled by phone')
})

test('a run is paused, continued and stepped by keys, and its steps are gone through by arrows', async ({
  page,
  url,
}) => {
  const runId = await start(url, {}, { paused: true })
  await page.goto(`/sagas/${runId}`)
  await expect(page.getByRole('status', { name: 'In flight' })).toContainText('Quiet')
  await expect(connection(page)).toHaveText('Live')
  await page.keyboard.press('n')
  await page.getByRole('dialog').getByLabel('Reason').fill('to see the way')
  await page.keyboard.press('Enter')
  const flight = page.getByRole('button', { name: 'flight: done' })
  await expect(flight).toBeVisible()
  // Two may go on now; the one of choice is stepped over.
  await page.getByRole('button', { name: 'Choose what to step over' }).click()
  await page.getByRole('menuitem', { name: 'car' }).click()
  await expect(page.getByRole('button', { name: 'car: done' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'hotel: to come' })).toBeVisible()
  await flight.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('button', { name: 'Undo of car: not needed' })).toBeFocused()
  await page.keyboard.press('[')
  await expect(page.getByText('As it was', { exact: true })).toBeVisible()
  await page.keyboard.press('.')
  await expect(page.getByText('As it was', { exact: true })).toBeHidden()
  await page.keyboard.press('c')
  await reaches(url, runId, 'succeeded')
  await expect(page.getByText('past the point of no return')).toBeVisible()
})

test('a definition gets a version, a comparison, and a breakpoint for its later runs', async ({ page, url }) => {
  const name = `e2e-v${Date.now()}`
  await ask(url, ADMIN, 'mutation', 'sagas.define', { definition: { ...TRIP, name } })
  await page.goto(`/sagas/definitions/${name}`)
  await page.getByRole('button', { name: 'New version' }).click()
  const editor = page.getByRole('dialog')
  await editor.getByLabel('Definition', { exact: true }).fill('{ "name": 3 }')
  await expect(editor.getByRole('button', { name: 'Define the version' })).toBeDisabled()
  const changed = { ...TRIP, name, steps: [step('flight', { timeoutMs: 5_000 }), step('hotel')] }
  await editor.getByLabel('Definition', { exact: true }).fill(JSON.stringify(changed))
  await expect(editor.getByRole('status')).toContainText('2 steps')
  await editor.getByRole('button', { name: 'Define the version' }).click()
  await expect(
    page.getByRole('button', { name: 'v2, the newest' }).or(page.getByText('v2, the newest')).first(),
  ).toBeVisible()
  await page.goto(`/sagas/definitions/${name}?against=1`)
  const difference = page.getByRole('region', { name: 'Against another version' })
  await expect(difference).toContainText('steps.flight.timeoutMs')
  await expect(difference).toContainText('60,000 ms')
  await expect(difference).toContainText('5,000 ms')
  await page.getByText('Breakpoints', { exact: false }).filter({ hasText: 'none' }).click()
  await page.getByRole('button', { name: 'Stop before hotel' }).click()
  await page.getByRole('button', { name: 'Keep these breakpoints' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('hotels are odd today')
  await page.getByRole('dialog').getByRole('button', { name: 'Keep these breakpoints' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  const { runId } = await ask<{ runId: string }>(url, ADMIN, 'mutation', 'sagas.start', { definition: name, input: {} })
  await reaches(url, runId, 'paused')
  await page.goto(`/sagas/${runId}`)
  await expect(page.getByText('Waits for a person: stopped before hotel.')).toBeVisible()
})

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

test('a run of two hundred steps beside each other is gone through to its last', async ({ page, url }) => {
  test.setTimeout(90_000)
  const bulk = (n: number) => ({ name: `part-${n}`, action: { type: 'task', task: 'e2e-bulk' }, undo: {} })
  const definition = { name: 'e2e-bulk', steps: [{ parallel: Array.from({ length: 200 }, (_, n) => bulk(n)) }] }
  await ask(url, ADMIN, 'mutation', 'sagas.define', { definition })
  const { runId } = await ask<{ runId: string }>(url, ADMIN, 'mutation', 'sagas.start', {
    definition: 'e2e-bulk',
    input: {},
  })
  await until('all parts are done', 60_000, async () => (await statusOf(url, runId)) === 'succeeded')
  await page.goto(`/sagas/${runId}`)
  await page.getByRole('button', { name: 'part-0: done' }).focus()
  await page.keyboard.press('End')
  await expect(page.getByRole('button', { name: 'part-199: done' })).toBeFocused()
  await page.getByRole('tab', { name: 'History' }).click()
  await expect(page.getByText(/^603 of 603 entries/)).toBeVisible()
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
