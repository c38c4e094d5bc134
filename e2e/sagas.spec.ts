/** A saga under the debugger, in a browser: one order from its paused start to its fork, across a reload and a restart. */
import type { Page } from '@playwright/test'
import { connection, expect, test } from './browser.ts'
import { firstLink, type Launched, launch, newFolder, removeFolder } from './launch.ts'
import { type Answer, Participants, type Script, type Task } from './saga-participants.ts'
import { ADMIN, ask } from './wire.ts'

// A page that finds nobody to connect to says so in the console, as does one whose answer was cut off.
test.use({
  storageState: { cookies: [], origins: [] },
  allowed: /WebSocket connection to|ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|Failed to fetch/,
})

const once = { maxAttempts: 1 }
const step = (name: string, more: object = {}) => ({
  name,
  action: { type: 'task', task: name },
  retry: once,
  undo: { retry: once },
  ...more,
})
const ORDER = {
  name: 'take-order',
  inputSchema: {
    type: 'object',
    required: ['order', 'total'],
    properties: { order: { type: 'string', pattern: '^o-[0-9]+$' }, total: { type: 'number', minimum: 0 } },
  },
  steps: [step('reserve'), step('charge'), step('pack'), { ...step('ship'), kind: 'pivot', undo: undefined }],
}

/** What participants do of their own will: the card covers 10, there is no van, the bank takes nothing back. */
const unwilling: Script = ({ step: name, phase, input }: Task): Answer => {
  const { total } = (phase === 'do' ? input : {}) as { total?: number }
  if (name === 'charge' && phase === 'do' && (total ?? 0) > 10) return { refused: 'card-declined' }
  if (name === 'charge' && phase === 'undo') return { refused: 'bank-closed' }
  if (name === 'ship') return { refused: 'no-van' }
  return { output: { by: name } }
}

const toolbar = (page: Page) => page.getByRole('toolbar', { name: 'Debugger' })
const lane = (page: Page, name: string) =>
  page.getByRole('list', { name: 'Steps and their undos' }).getByRole('listitem').filter({ hasText: name })
const quiet = (page: Page) => page.getByRole('status', { name: 'In flight' })

/** Fills in why, and does it. */
async function decide(page: Page, reason: string, action: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill(reason)
  await dialog.getByRole('button', { name: action, exact: true }).click()
  await expect(dialog).toBeHidden()
}

test('an order is stepped through, mended, skipped, forced and forked; a reload and a restart lose nothing', async ({
  page,
}) => {
  test.setTimeout(150_000)
  const folder = newFolder()
  let controlPlane: Launched = await launch({ folder })
  const { port, url } = controlPlane
  const participants = await Participants.open(url, 'warehouse', ['reserve', 'charge', 'pack', 'ship'], unwilling)
  try {
    await ask(url, ADMIN, 'mutation', 'sagas.define', { definition: ORDER })
    await page.goto(firstLink(controlPlane))
    await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()

    // Started from a form made of its schema, paused, with a breakpoint on an undo.
    await page.goto(`${url}/sagas/definitions/take-order`)
    await page.getByRole('button', { name: 'Start a run' }).click()
    const form = page.getByRole('dialog', { name: 'Start take-order' })
    await form.getByLabel('order').fill('nonsense')
    await form.getByLabel('total').fill('25')
    await form.getByLabel('Idempotency key').fill('o-17')
    await form.getByRole('switch', { name: /Start it paused/ }).click()
    await form.getByText('Breakpoints').click()
    await form.getByRole('button', { name: 'Stop undo reserve' }).click()
    await form.getByLabel('Reason').fill('the customer rang')
    await form.getByRole('button', { name: 'Start it paused' }).click()
    await expect(form).toContainText('It must match')
    await form.getByLabel('order').fill('o-17')
    await form.getByRole('button', { name: 'Start it paused' }).click()
    await expect(page.getByRole('heading', { name: 'o-17' })).toBeVisible()
    await expect(quiet(page)).toContainText('Quiet')

    // Step by step until payment fails. One reason serves the small acts.
    await toolbar(page).getByRole('button', { name: 'Step over', exact: true }).click()
    await expect(page.getByRole('dialog')).toContainText('Only reserve goes on')
    await decide(page, 'looking for the wrong charge', 'Step over reserve')
    await expect(lane(page, 'reserve')).toContainText('done')
    await expect(toolbar(page)).toContainText('If it fails now')
    await expect(page.getByRole('complementary', { name: 'About the run' })).toContainText('these undo: reserve')
    await toolbar(page).getByRole('button', { name: 'Step over', exact: true }).click()
    await expect(lane(page, 'charge')).toContainText('card-declined')
    await expect(lane(page, 'charge')).toContainText('failed')
    expect(participants.trace).toEqual(['reserve', 'charge'])

    // Its input is mended and it is tried again.
    await lane(page, 'charge').getByRole('button', { name: 'charge: failed, card-declined' }).click()
    const panel = page.getByRole('complementary', { name: 'Step charge' })
    await panel.getByRole('button', { name: 'Edit the input' }).click()
    await page.getByRole('dialog').getByLabel('Input of charge').fill('{ "order": "o-17", "total": 7 }')
    await decide(page, 'the price was wrong', 'Keep this input')
    await expect(lane(page, 'charge')).toContainText('edited')
    await expect(panel).toContainText('the price was wrong')
    await toolbar(page).getByRole('button', { name: 'Step over', exact: true }).click()
    await expect(lane(page, 'charge')).toContainText('done')

    // A reload, and a restart under the open page, and it goes on where it was.
    await page.reload()
    await expect(lane(page, 'charge')).toContainText('edited')
    await expect(quiet(page)).toContainText('Quiet')
    await controlPlane.stop()
    await expect(connection(page)).not.toContainText('Live')
    controlPlane = await launch({ folder, port })
    await participants.connect()
    await expect(connection(page)).toContainText('Live', { timeout: 30_000 })
    await expect(quiet(page)).toContainText('Quiet')

    // Skipped by a person, and drawn as such.
    await lane(page, 'pack').getByRole('button', { name: 'pack: to come' }).click()
    await page.getByRole('complementary', { name: 'Step pack' }).getByRole('button', { name: 'Skip' }).click()
    await expect(page.getByRole('dialog')).toContainText('nobody does it')
    await decide(page, 'packed by hand', 'Skip pack')
    await expect(lane(page, 'pack')).toContainText('skipped')

    // No van: it turns round, and the bank refuses to take back.
    await toolbar(page).getByRole('button', { name: 'Continue' }).click()
    await expect(lane(page, 'ship')).toContainText('no-van')
    await expect(lane(page, 'charge')).toContainText('stuck')
    await expect(lane(page, 'reserve')).toContainText('owed')
    await expect(page.getByText('Waits for a person: the undo of charge is stuck.')).toBeVisible()

    // The stuck undo is forced with a reason; the breakpoint stops before the next one.
    await page.goto(`${url}/sagas/stuck`)
    const waiting = page.getByRole('list', { name: /Runs that wait for a person/ }).getByRole('listitem')
    await expect(waiting).toContainText('the undo of charge is stuck')
    await waiting.getByRole('link', { name: 'o-17' }).click()
    await lane(page, 'charge').getByRole('button', { name: 'Undo of charge: stuck' }).click()
    await page.getByRole('complementary', { name: 'Step charge' }).getByRole('button', { name: 'Force' }).click()
    await expect(page.getByRole('dialog')).toContainText('Then still to be undone: reserve')
    await decide(page, 'paid back at the counter', 'Force the undo of charge')
    await expect(lane(page, 'charge')).toContainText('forced')
    await expect(page.getByText('Waits for a person: stopped before the undo of reserve.')).toBeVisible()
    await expect(lane(page, 'reserve')).toContainText('next')
    await toolbar(page).getByRole('button', { name: 'Continue' }).click()
    await expect(lane(page, 'reserve')).toContainText('undone')
    await expect(toolbar(page)).toContainText('Over')
    expect(participants.trace).toEqual(['reserve', 'charge', 'charge', 'ship', 'undo charge', 'undo reserve'])

    // Any moment of it can be looked at again.
    await page.getByRole('tab', { name: 'History' }).click()
    await page.getByRole('button', { name: /Undo begun: ship failed/ }).click()
    await page.getByRole('tab', { name: 'Lanes' }).click()
    await expect(page.getByText('As it was', { exact: true })).toBeVisible()
    await expect(lane(page, 'reserve')).toContainText('owed')
    await page.getByRole('button', { name: 'What it changed' }).click()
    await expect(page.getByRole('dialog', { name: 'What this entry changed' })).toContainText('backward')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Back to now' }).click()
    await expect(lane(page, 'reserve')).toContainText('undone')

    // Redriven as a fork, under new keys since what it does again was undone.
    participants.script = ({ step: name }) => ({ output: { by: name } })
    await toolbar(page).getByRole('button', { name: 'Redrive as a fork' }).click()
    const fork = page.getByRole('dialog')
    await expect(fork.getByRole('radio', { name: /New keys/ })).toBeChecked()
    await fork.getByLabel('Input of the fork').fill('{ "order": "o-17", "total": 7 }')
    await decide(page, 'a van came back', 'Start the fork')
    await expect(page.getByText(/^fork of /)).toContainText('new keys')
    await expect(page.getByRole('banner').or(page.locator('header')).getByText('succeeded').first()).toBeVisible()
    await page.getByRole('link', { name: /^fork of / }).click()
    await expect(page.getByRole('complementary', { name: 'About the run' })).toContainText('fork at reserve')

    // Every decision is in the audit trail.
    await page.goto(`${url}/journal/audit`)
    for (const reason of ['the price was wrong', 'packed by hand', 'paid back at the counter', 'a van came back']) {
      await expect(page.getByText(reason, { exact: true }).first()).toBeVisible()
    }
  } finally {
    await participants.close()
    await controlPlane.stop()
    removeFolder(folder)
  }
})
