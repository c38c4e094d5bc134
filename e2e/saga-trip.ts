/** A trip as a saga, and participants that do as the run's input tells them: for the specs of its pages. */
import { test as base } from './browser.ts'
import { Participants, type Script } from './saga-participants.ts'
import { ADMIN, ask, until } from './wire.ts'

const retry = { maxAttempts: 1 }
export const step = (name: string, more: object = {}) => ({
  name,
  action: { type: 'task', task: `e2e-${name}` },
  retry,
  undo: { retry },
  ...more,
})
export const TRIP = {
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

/** With workers that take the steps of trips. */
export const test = base.extend<{ participants: Participants }>({
  participants: [
    async ({ url }, use) => {
      const participants = await Participants.open(url, `e2e-${Date.now()}`, TASKS, obedient)
      await ask(url, ADMIN, 'mutation', 'sagas.define', { definition: TRIP })
      await use(participants)
      await participants.close()
    },
    { auto: true },
  ],
})

export const start = async (url: string, input: Record<string, string>, more: object = {}) =>
  (await ask<{ runId: string }>(url, ADMIN, 'mutation', 'sagas.start', { definition: 'e2e-trip', input, ...more }))
    .runId
export const statusOf = async (url: string, runId: string) =>
  (await ask<{ run: { status: string } }>(url, ADMIN, 'query', 'sagas.get', { runId })).run.status
export const reaches = (url: string, runId: string, status: string) =>
  until(`${runId} is ${status}`, 20_000, async () => (await statusOf(url, runId)) === status)
