import { expect, test } from 'vitest'
import { draftOf, inForce, isChanged, withValue } from './draft'

const stored = { version: 7, description: '', values: { maxRetries: 5, jitter: 'equal' as const } }

test('a draft begins as what is stored, and is changed only by a difference', () => {
  const draft = draftOf('gentle', stored)
  expect(draft.base).toBe(7)
  expect(isChanged(draft, stored)).toBe(false)
  const more = withValue(draft, 'maxRetries', 6)
  expect(isChanged(more, stored)).toBe(true)
  expect(isChanged(withValue(more, 'maxRetries', 5), stored)).toBe(false)
  expect(isChanged(draftOf('new', null), null)).toBe(false)
})

test('a value that is let go comes from code again', () => {
  const draft = withValue(draftOf('eager', stored), 'maxRetries', undefined)
  const { policy, sources, problem } = inForce(draft)
  expect(policy.maxRetries).toBe(2)
  expect(sources).toMatchObject({ maxRetries: 'built-in', jitter: 'stored', multiplier: 'default' })
  expect(problem).toBeNull()
})

test('values that contradict each other name the field to change', () => {
  expect(inForce(withValue(draftOf('gentle', null), 'maxDelayMs', 10)).problem?.field).toBe('maxDelayMs')
})
