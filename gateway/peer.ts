/** Who is on the other end, and whether it may speak for others. */
import { BlockList, isIP, isIPv6 } from 'node:net'

export class Trusted {
  readonly #list = new BlockList()
  readonly #any: boolean

  /** `networks` in CIDR notation: proxies in front of the gateway. */
  constructor(networks: readonly string[]) {
    this.#any = networks.length > 0
    for (const network of networks) {
      const slash = network.lastIndexOf('/')
      const address = slash < 0 ? network : network.slice(0, slash)
      const family = isIPv6(address) ? 'ipv6' : 'ipv4'
      this.#list.addSubnet(
        address,
        slash < 0 ? (family === 'ipv6' ? 128 : 32) : Number(network.slice(slash + 1)),
        family,
      )
    }
  }

  has(address: string): boolean {
    if (!this.#any) return false
    try {
      return this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
    } catch {
      return false
    }
  }

  /** The first address from the right that is not one of ours: what is left of it anybody may have written. */
  client(peer: string, forwardedFor: string): string {
    if (!this.has(peer)) return peer
    const chain = forwardedFor.split(',').map((part) => part.trim())
    for (let i = chain.length - 1; i >= 0; i--) {
      const address = chain[i] as string
      if (address !== '' && !this.has(address)) return address.slice(0, 64)
    }
    return peer
  }
}

/**
 * Never a service: link-local addresses, where clouds keep the credentials of a machine, their like elsewhere, and what is no
 * address of one machine. The control plane's own outgoing calls refuse them too.
 */
const NEVER = new BlockList()
for (const [net, prefix, family] of [
  ['0.0.0.0', 8, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['169.254.0.0', 16, 'ipv4'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['224.0.0.0', 4, 'ipv4'],
  ['ff00::', 8, 'ipv6'],
  ['240.0.0.0', 4, 'ipv4'],
  // Metadata services of clouds elsewhere: Alibaba, Oracle Classic, Azure, AWS, Google, Scaleway, Oracle.
  ['100.100.100.200', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
  ['168.63.129.16', 32, 'ipv4'],
  ['fd00:ec2::', 32, 'ipv6'],
  ['fd20:ce::254', 128, 'ipv6'],
  ['fd00:42::42', 128, 'ipv6'],
  ['fd00:c1::', 32, 'ipv6'],
] as const)
  NEVER.addSubnet(net, prefix, family)

/** False for a name: what it stands for is asked when it is connected. */
export function isForbidden(address: string | undefined): boolean {
  const plain = plainAddress(address)
  const version = isIP(plain)
  return version !== 0 && NEVER.check(plain, version === 6 ? 'ipv6' : 'ipv4')
}

export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'
  constructor(address: string) {
    super(`${address} is link-local or no address of one machine: nothing is sent there.`)
  }
}

/** `::ffff:10.0.0.1` is `10.0.0.1`. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return ''
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
