import { expect, test } from 'vitest'
import { deviceWords } from './device'

test('browsers in words', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
  expect(deviceWords(chrome)).toBe('Chrome on Linux')
  expect(deviceWords(`${chrome} Edg/140.0`)).toBe('Edge on Linux')
  expect(
    deviceWords('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1'),
  ).toBe('Safari on iOS')
  expect(deviceWords('curl/8.9.1')).toBe('curl')
  expect(deviceWords('something else entirely')).toBe('something else entirely')
  expect(deviceWords('')).toBe('Unknown browser')
})
