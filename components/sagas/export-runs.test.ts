import { expect, test } from 'vitest'
import type { RunSummary } from '@/core/saga/view'
import { runsCsv } from './export-runs'

test('a run is a line; what a spreadsheet would run as a formula is made harmless', () => {
  const run: RunSummary = {
    id: 'r1',
    definition: 'order',
    version: 2,
    status: 'stuck',
    direction: 'backward',
    startedAt: 0,
    updatedAt: 5,
    endedAt: null,
    steps: { total: 3, done: 2, undone: 1, owed: 1 },
    current: [],
    error: { step: 'charge', code: 'closed', message: '' },
    attention: 'the undo of charge is stuck',
    attentionSince: 5,
    attributes: { customer: 'c,7' },
    idempotencyKey: '=1+1',
    parent: null,
    redriveOf: null,
  }
  const [head, line] = runsCsv([run]).split('\r\n')
  expect(head).toMatch(/^id,saga,version,state,key,/)
  expect(line).toBe(
    `r1,order,2,stuck,'=1+1,1970-01-01T00:00:00.000Z,,,3,2,1,1,the undo of charge is stuck,charge,closed,"{""customer"":""c,7""}",,`,
  )
})
