import { describe, expect, it } from 'vitest'
import { assertGoodPassword, Passwords } from './passwords.ts'

describe('Passwords', () => {
  const passwords = new Passwords()

  it('knows the right one, in either way of writing its letters', async () => {
    const stored = await passwords.hash('Zoë likes ﬁgs')
    expect(stored).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(await passwords.verify('Zoe\u0308 likes figs', stored)).toBe(true)
    expect(await passwords.verify('Zoe likes figs', stored)).toBe(false)
    expect(await passwords.verify('', stored)).toBe(false)
  })

  it('salts: the same password is never stored the same', async () => {
    const [a, b] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')])
    expect(a).not.toBe(b)
  })

  it('verifies what was hashed at another cost', async () => {
    // RFC 7914, section 12: scrypt(P="pleaseletmein", S="SodiumChloride", N=16384, r=8, p=1), its first 32 bytes.
    const salt = Buffer.from('SodiumChloride').toString('base64').replace(/=+$/, '')
    const key = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex')
    const stored = `$scrypt$ln=14,r=8,p=1$${salt}$${key.toString('base64').replace(/=+$/, '')}`
    expect(await passwords.verify('pleaseletmein', stored)).toBe(true)
    expect(await passwords.verify('pleaseletmeout', stored)).toBe(false)
  })

  it.each([
    null,
    '',
    'correct horse',
    '$scrypt$',
    '$scrypt$ln=15,r=8,p=3$$',
    '$scrypt$ln=99,r=8,p=3$AAAA$AAAA',
    '$2b$10$abcdefghijklmnopqrstuv',
  ])('nothing is the password behind %j', async (stored) => {
    expect(await passwords.verify('correct horse', stored)).toBe(false)
  })

  it('lets a bounded number wait', async () => {
    const busy = new Passwords()
    const results = await Promise.allSettled(Array.from({ length: 60 }, () => busy.verify('x', FAST)))
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(8)
    expect(refused[0]?.reason).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
    expect(await busy.verify('x', FAST)).toBe(false)
  })
})

const FAST = `$scrypt$ln=4,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`

describe('a good password', () => {
  it.each([
    'short',
    '1234567890'.repeat(21),
    'aaaaaaaaaaaaaaa',
    'ababababababa',
    'ada.lovelace@example.org',
    'holdfastholdfast',
  ])('is not %j', (password) => expect(() => assertGoodPassword(password, 'ada.lovelace@example.org')).toThrow())
  it.each(['four words in a row', 'x7#kQ!9z_2', 'パスワード忘れないでね'])('is %j', (password) =>
    expect(() => assertGoodPassword(password, 'ada@example.org')).not.toThrow(),
  )
})
