import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contains, formatIp, meanings, parseIp, parseNetwork } from './networks.ts'
import { AddressPolicy } from './policy.ts'

const v4 = fc.ipV4()
const v6 = fc.ipV6()
const policy = (allow: string[] = [], loopbackAllowed = true) =>
  new AddressPolicy({
    allow: allow.map((text) => parseNetwork(text) ?? expect.fail(text)),
    loopbackAllowed,
  })
const refusal = (p: AddressPolicy, text: string) => p.refusal(parseIp(text) ?? expect.fail(text))

describe('addresses', () => {
  it('survive being written and read', () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6), (text) => {
        const ip = parseIp(text)
        expect(ip).not.toBeNull()
        if (ip) expect(parseIp(formatIp(ip))).toEqual(ip)
      }),
    )
  })

  it('are in a network exactly when Node says so', () => {
    fc.assert(
      fc.property(v4, v4, fc.integer({ min: 0, max: 32 }), (base, probe, prefix) => {
        const value = ((parseIp(base)?.value ?? 0n) >> BigInt(32 - prefix)) << BigInt(32 - prefix)
        const net = formatIp({ version: 4, value })
        const list = new BlockList()
        list.addSubnet(net, prefix, 'ipv4')
        const network = parseNetwork(`${net}/${prefix}`)
        const ip = parseIp(probe)
        if (network && ip) expect(contains(network, ip)).toBe(list.check(probe))
      }),
    )
  })

  it.each(['10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', 'fe80::1%eth0', 'x', '', '010.0.0.0/8'])(
    'do not make a network of %j',
    (text) => expect(parseNetwork(text)).toBeNull(),
  )
})

const NEVER = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '224.0.0.1',
  '239.255.255.250',
  '255.255.255.255',
  '240.0.0.1',
  '::',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'ff02::1',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
]

/** Every way to write an IPv4 address inside an IPv6 one. */
const EMBEDDED: Record<string, (v4: bigint) => bigint> = {
  mapped: (v) => 0xffff_0000_0000n | v,
  compatible: (v) => v,
  translated: (v) => 0xffff_0000_0000_0000n | v,
  nat64: (v) => (0x64_ff9bn << 96n) | v,
  'local nat64': (v) => (0x64_ff9b_0001n << 80n) | v,
  'local nat64, /48': (v) => (0x64_ff9b_0001n << 80n) | ((v >> 16n) << 64n) | ((v & 0xffffn) << 40n),
  '6to4': (v) => (0x2002n << 112n) | (v << 80n) | 1n,
  'teredo client': (v) => (0x2001_0000n << 96n) | (0x0a00_0001n << 64n) | (~v & 0xffff_ffffn),
  'teredo server': (v) => (0x2001_0000n << 96n) | (v << 64n) | (~0x0a00_0001n & 0xffff_ffffn),
}

describe('what may be called', () => {
  it.each(NEVER)('%s never, whatever is allowed', (text) => {
    expect(refusal(policy(['0.0.0.0/0', '::/0']), text)).toContain('never called')
  })

  it.each(Object.keys(EMBEDDED))('no forbidden IPv4 address as %s', (form) => {
    const embed = EMBEDDED[form] ?? expect.fail()
    const all = policy(['0.0.0.0/0', '::/0'])
    for (const text of NEVER.filter((address) => address.includes('.') && address !== '0.0.0.0')) {
      const value = embed(parseIp(text)?.value ?? 0n)
      const written = formatIp({ version: 6, value })
      expect(all.refusal({ version: 6, value }), `${text} as ${written}`).toContain('never called')
    }
  })

  it('private networks without being asked', () => {
    for (const text of ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fd12:3456::1', '::ffff:10.0.0.1']) {
      expect(refusal(policy(), text), text).toBeNull()
    }
  })

  it('nothing public unless it is allowed', () => {
    for (const text of ['8.8.8.8', '172.32.0.1', '100.64.0.1', '2001:db8::1', '64:ff9b::a00:1', '::ffff:8.8.8.8']) {
      expect(refusal(policy(), text), text).toContain('HOLDFAST_OUTBOUND_ALLOW')
    }
    expect(refusal(policy(['203.0.113.0/24']), '203.0.113.9')).toBeNull()
    expect(refusal(policy(['203.0.113.0/24']), '::ffff:203.0.113.9')).toBeNull()
    expect(refusal(policy(['203.0.113.0/24']), '203.0.114.9')).not.toBeNull()
  })

  it('loopback only while bound to it, or by name', () => {
    for (const text of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
      expect(refusal(policy([], true), text)).toBeNull()
      expect(refusal(policy([], false), text)).toContain('this machine itself')
    }
    expect(refusal(policy(['127.0.0.1'], false), '127.0.0.1')).toBeNull()
    expect(refusal(policy(['127.0.0.1'], false), '127.0.0.2')).not.toBeNull()
  })

  it('an embedded form only when both the outer and the inner address may be', () => {
    const embed = EMBEDDED.nat64 ?? expect.fail()
    const inner = embed(parseIp('10.0.0.1')?.value ?? 0n)
    expect(policy().refusal({ version: 6, value: inner })).not.toBeNull()
    expect(policy(['64:ff9b::/96']).refusal({ version: 6, value: inner })).toBeNull()
    const outside = embed(parseIp('8.8.8.8')?.value ?? 0n)
    expect(policy(['64:ff9b::/96']).refusal({ version: 6, value: outside })).not.toBeNull()
  })

  it('is decided the same for an address and its mapped form', () => {
    fc.assert(
      fc.property(v4, fc.boolean(), (text, loopbackAllowed) => {
        const p = policy(['203.0.113.0/24'], loopbackAllowed)
        expect(refusal(p, `::ffff:${text}`)).toBe(refusal(p, text))
      }),
    )
  })

  it('needs every meaning of the address to be allowed', () => {
    fc.assert(
      fc.property(v6, (text) => {
        const ip = parseIp(text)
        if (!ip) return
        const p = policy(['2000::/3', '64:ff9b::/32'])
        if (p.refusal(ip) === null) for (const meaning of meanings(ip)) expect(p.refusal(meaning)).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })
})
