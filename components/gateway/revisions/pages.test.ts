import { expect, test } from 'vitest'
import type { Revision } from '@/core/gateway/view'
import { NO_PAGES, pages } from './pages'

const down = (from: number, to: number) =>
  Array.from({ length: from - to + 1 }, (_, i) => ({ revision: from - i }) as Revision)
const numbers = (list: readonly Revision[]) => list.map(({ revision }) => revision)

test('new ones at the head leave no gap and no double', () => {
  const first = pages(NO_PAGES, { newest: true, revisions: down(10, 8), next: 8 })
  const older = pages(first, { newest: false, revisions: down(7, 5), next: 5 })
  const after = pages(older, { newest: true, revisions: down(12, 10), next: 10 })
  expect(numbers(after.revisions)).toEqual([12, 11, 10, 9, 8, 7, 6, 5])
  expect(after.more).toBe(true)
  expect(pages(after, { newest: true, revisions: down(12, 10), next: 10 })).toBe(after)
  const all = pages(after, { newest: false, revisions: down(4, 1), next: null })
  expect(all).toMatchObject({ more: false })
  expect(all.revisions).toHaveLength(12)
})

test('a head that does not reach what is known begins anew', () => {
  const first = pages(NO_PAGES, { newest: true, revisions: down(10, 8), next: 8 })
  const far = pages(first, { newest: true, revisions: down(30, 28), next: 28 })
  expect(numbers(far.revisions)).toEqual([30, 29, 28])
  expect(far.more).toBe(true)
})
