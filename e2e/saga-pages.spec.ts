/** The pages of sagas in a browser: the list and what is done to many, the inbox, definitions, and acts that come too late. */
import { connection, expect } from './browser.ts'
import { reaches, start, statusOf, step, TRIP, test } from './saga-trip.ts'
import { ADMIN, ask, until } from './wire.ts'

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
  const succeeded = page.getByRole('group', { name: /Runs by state/ }).getByRole('button', { name: /succeeded/ })
  await succeeded.click()
  await expect(page).toHaveURL(/state=succeeded/)
  await expect(page.getByText('No run matches')).toBeVisible()
  // A filter replaces the address it stood at, so Back would leave the page: it is taken off again by hand.
  await succeeded.click()
  await expect(page).not.toHaveURL(/state=/)
  await expect(table.getByRole('row').filter({ hasText: group })).toHaveCount(3)
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

test('a paused run is cancelled in sight, and undone when it goes on', async ({ page, url }) => {
  const runId = await start(url, {}, { paused: true })
  await ask(url, ADMIN, 'mutation', 'sagas.step', { runId, reason: 'one step' })
  await page.goto(`/sagas/${runId}`)
  await expect(page.getByRole('button', { name: 'flight: done' })).toBeVisible()
  await page.getByRole('button', { name: 'End it' }).click()
  await page.getByRole('menuitem', { name: 'Cancel…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('It stays paused: its undos wait until you continue.')
  await dialog.getByLabel('Reason').fill('the customer rang')
  await dialog.getByRole('button', { name: 'Cancel the run' }).click()
  await expect(page.getByText('on its way back')).toBeVisible()
  await expect(page.getByText(/Cancelled by .*: the customer rang/)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Undo of flight: owed' })).toBeVisible()
  await expect(page.getByRole('status', { name: 'In flight' })).toContainText('Quiet')
  await page.keyboard.press('c')
  await page.getByRole('dialog').getByLabel('Reason').fill('go on')
  await page.keyboard.press('Enter')
  await reaches(url, runId, 'compensated')
})

test('a saga within a saga: terminate ends both, and a fork that would begin it again takes new keys', async ({
  page,
  url,
}) => {
  const ask1 = { name: 'ask', action: { type: 'signal', signal: 'go' } }
  await ask(url, ADMIN, 'mutation', 'sagas.define', { definition: { name: 'approval', steps: [ask1] } })
  const sub = { name: 'approve', action: { type: 'saga', definition: 'approval' } }
  await ask(url, ADMIN, 'mutation', 'sagas.define', { definition: { name: 'purchase', steps: [sub] } })
  const { runId } = (await ask(url, ADMIN, 'mutation', 'sagas.start', {
    definition: 'purchase',
    input: {},
    reason: 'a test of children',
  })) as { runId: string }
  await page.goto(`/sagas/${runId}`)
  await page.getByRole('button', { name: 'End it' }).click()
  await page.getByRole('menuitem', { name: 'Terminate without undo…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('The child saga of approve ends with it, as it is.')
  await dialog.getByLabel('Reason').fill('nobody needs it')
  await dialog.getByRole('button', { name: 'Terminate without undo' }).click()
  await expect(page.getByRole('status', { name: 'In flight' })).toContainText('Over')
  await page.getByRole('region', { name: 'Related runs' }).getByRole('link').first().click()
  await expect(page.getByText('approval v1')).toBeVisible()
  await expect(page.getByRole('status', { name: 'In flight' })).toContainText('Over')
  await page.goto(`/sagas/${runId}`)
  await page.getByRole('button', { name: 'Redrive as a fork' }).click()
  await expect(dialog.getByRole('radio', { name: /New keys/ })).toBeChecked()
  await dialog.getByRole('radio', { name: /The same keys/ }).check()
  await expect(dialog.getByRole('alert')).toContainText('approve is a saga of its own')
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
