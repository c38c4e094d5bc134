/** Addresses and networks as numbers: what an address is, whichever way it is written or embedded. */
import { isIP, isIPv4 } from 'node:net'

export interface Ip {
  version: 4 | 6
  value: bigint
}

export interface Network {
  version: 4 | 6
  value: bigint
  prefix: number
  /** as it was written */
  text: string
}

const BITS = { 4: 32, 6: 128 } as const

/** Reads an address in any textual form that `node:net` takes as one; null otherwise. A zone (`%eth0`) is not taken. */
export function parseIp(text: string): Ip | null {
  const version = isIP(text)
  if (version === 4) return { version: 4, value: parseIpv4(text) }
  if (version === 6 && !text.includes('%')) return { version: 6, value: parseIpv6(text) }
  return null
}

function parseIpv4(text: string): bigint {
  let value = 0n
  for (const part of text.split('.')) value = (value << 8n) | BigInt(Number(part))
  return value
}

function parseIpv6(text: string): bigint {
  const dotted = text.lastIndexOf(':') + 1
  let plain = text
  if (text.includes('.')) {
    const v4 = parseIpv4(text.slice(dotted))
    plain = `${text.slice(0, dotted)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`
  }
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [
    ...left,
    ...Array<string>(tail === undefined ? 0 : 8 - left.length - right.length).fill('0'),
    ...right,
  ]
  let value = 0n
  for (const group of groups) value = (value << 16n) | BigInt(`0x${group}`)
  return value
}

/** The shortest usual way to write it. */
export function formatIp(ip: Ip): string {
  if (ip.version === 4) return [24n, 16n, 8n, 0n].map((shift) => String((ip.value >> shift) & 0xffn)).join('.')
  const groups: string[] = []
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(((ip.value >> shift) & 0xffffn).toString(16))
  let from = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let run = 0
    while (i + run < 8 && groups[i + run] === '0') run += 1
    if (run > length) {
      from = i
      length = run
    }
  }
  if (from < 0) return groups.join(':')
  return `${groups.slice(0, from).join(':')}::${groups.slice(from + length).join(':')}`
}

/**
 * A network in CIDR notation, or a single address; null when it is neither, or has bits set past its prefix
 * (`10.1.2.3/8` is more likely a mistake than a wish for all of 10.0.0.0/8).
 */
export function parseNetwork(text: string): Network | null {
  const [address = '', length, more] = text.trim().split('/')
  const ip = parseIp(address)
  if (!ip || more !== undefined || (length !== undefined && !/^\d{1,3}$/.test(length))) return null
  const bits = BITS[ip.version]
  const prefix = length === undefined ? bits : Number(length)
  if (prefix > bits) return null
  const hostBits = BigInt(bits - prefix)
  if ((ip.value >> hostBits) << hostBits !== ip.value) return null
  return { version: ip.version, value: ip.value, prefix, text: text.trim() }
}

export function contains(network: Network, ip: Ip): boolean {
  if (network.version !== ip.version) return false
  const hostBits = BigInt(BITS[network.version] - network.prefix)
  return ip.value >> hostBits === network.value >> hostBits
}

/** For networks that are written in the source. */
export function networks(...texts: string[]): Network[] {
  return texts.map((text) => {
    const network = parseNetwork(text)
    if (!network) throw new Error(`not a network: ${text}`)
    return network
  })
}

const [MAPPED, COMPATIBLE, NAT64, NAT64_LOCAL, SIX_TO_FOUR, TEREDO, TRANSLATED] = networks(
  '::ffff:0:0/96',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  '2001::/32',
  '::ffff:0:0:0/96',
) as [Network, Network, Network, Network, Network, Network, Network]

const v4 = (value: bigint): Ip => ({ version: 4, value: value & 0xffff_ffffn })

/**
 * The address itself and every IPv4 address that it stands for, by RFC 4291 (mapped, compatible), RFC 6052 (NAT64),
 * RFC 3056 (6to4), RFC 4380 (Teredo), RFC 2765 (translated). A decision must hold for all of them. A mapped address is
 * its IPv4 address and nothing else, because that is what the kernel connects to.
 */
export function meanings(ip: Ip): Ip[] {
  if (ip.version === 4) return [ip]
  if (contains(MAPPED, ip)) return [v4(ip.value)]
  if (contains(COMPATIBLE, ip) && ip.value > 1n) return [ip, v4(ip.value)]
  if (contains(NAT64, ip) || contains(TRANSLATED, ip)) return [ip, v4(ip.value)]
  if (contains(NAT64_LOCAL, ip)) {
    // RFC 6052, 2.2: behind a /48 the 32 bits lie around the reserved octet of bits 64 to 71; behind a /96 they come last.
    const behind48 = (((ip.value >> 64n) & 0xffffn) << 16n) | ((ip.value >> 40n) & 0xffffn)
    return [ip, v4(behind48), v4(ip.value)]
  }
  if (contains(SIX_TO_FOUR, ip)) return [ip, v4(ip.value >> 80n)]
  if (contains(TEREDO, ip)) return [ip, v4(ip.value >> 64n), v4(~ip.value & 0xffff_ffffn)]
  return [ip]
}

/** What the kernel connects to for this address: a mapped one is its IPv4 address. */
export function canonical(ip: Ip): Ip {
  return ip.version === 6 && contains(MAPPED, ip) ? v4(ip.value) : ip
}

/** `127.0.0.0/8`, `::1` and the name `localhost`. */
export function isLoopbackHost(host: string): boolean {
  if (host === 'localhost') return true
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  const ip = parseIp(bare)
  if (!ip) return false
  return ip.version === 6 && ip.value === 1n
    ? true
    : meanings(ip).every((m) => m.version === 4 && m.value >> 24n === 127n)
}

/** Brackets an IPv6 address for use before a port. */
export function hostForUrl(host: string): string {
  return isIPv4(host) || !host.includes(':') ? host : `[${host}]`
}
