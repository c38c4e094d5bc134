import { describe, expect, it } from 'vitest'
import { readCookie, setCookie } from './cookies.ts'

const SECRET = 'x'.repeat(43)
const plain = { publicUrl: 'http://127.0.0.1:3000', port: 3000 }
const safe = { publicUrl: 'https://holdfast.example.org', port: 3000 }

describe('the session cookie', () => {
  it('has the flags that keep it from scripts and other sites', () => {
    expect(setCookie(plain, SECRET, 60)).toBe(`holdfast_3000=${SECRET}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60`)
    expect(setCookie(safe, SECRET, 60)).toBe(
      `__Host-holdfast=${SECRET}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure`,
    )
  })

  it.each([
    [`holdfast_3000=${SECRET}`, SECRET],
    [`a=b; holdfast_3000=${SECRET}; c=d`, SECRET],
    [`a=b;holdfast_3000=${SECRET}`, SECRET],
    [`holdfast_3001=${SECRET}`, null],
    [`xholdfast_3000=${SECRET}`, null],
    ['holdfast_3000=short', null],
    [`holdfast_3000=${SECRET}x`, null],
    [`holdfast_3000=stale; holdfast_3000=${SECRET}`, SECRET],
    ['=;;;==', null],
    ['', null],
    [undefined, null],
  ])('is read from %j', (header, secret) => expect(readCookie(plain, header)).toBe(secret))

  it('set without https is not believed where pages come by https', () => {
    expect(readCookie(safe, `holdfast_3000=${SECRET}; holdfast=${SECRET}`)).toBeNull()
    expect(readCookie(safe, `__Host-holdfast=${SECRET}`)).toBe(SECRET)
  })
})
