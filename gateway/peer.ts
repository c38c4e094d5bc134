/** Who is on the other end, and whether it may speak for others. */
import { BlockList, isIPv6 } from 'node:net'

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

/** `::ffff:10.0.0.1` is `10.0.0.1`. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return ''
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
