/** Where outgoing calls may go. */
import { contains, formatIp, type Ip, meanings, type Network, networks } from './networks.ts'

/** Refused whatever is allowed: there is no service of a fleet there, only the machine's own secrets, or everybody at once. */
const NEVER: readonly [why: string, nets: Network[]][] = [
  ['an unspecified address', networks('0.0.0.0/8', '::/128')],
  // Under link-local live the metadata services of AWS, Azure, Google, Oracle, DigitalOcean and OpenStack, and ECS's 169.254.170.2.
  ['a link-local address', networks('169.254.0.0/16', 'fe80::/10', 'fec0::/10')],
  [
    'a metadata address of a cloud provider',
    networks(
      '100.100.100.200/32', // Alibaba
      '192.0.0.192/32', // Oracle Classic
      '168.63.129.16/32', // Azure's WireServer
      'fd00:ec2::/32', // AWS: metadata, DNS, and EKS's credentials at ::23
      'fd20:ce::254/128', // Google
      'fd00:42::42/128', // Scaleway
      'fd00:c1::/32', // Oracle
    ),
  ],
  ['a multicast address', networks('224.0.0.0/4', 'ff00::/8')],
  ['a broadcast or reserved address', networks('240.0.0.0/4')],
]

const LOOPBACK = networks('127.0.0.0/8', '::1/128')

/** RFC 1918 and RFC 4193. 100.64.0.0/10 is shared with providers (RFC 6598) and must be allowed by name. */
const PRIVATE = networks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7')

export interface PolicyOptions {
  allow: readonly Network[]
  loopbackAllowed: boolean
}

export class AddressPolicy {
  readonly #allowed: readonly Network[]

  constructor(options: PolicyOptions) {
    this.#allowed = [...options.allow, ...PRIVATE, ...(options.loopbackAllowed ? LOOPBACK : [])]
  }

  /**
   * Why this address may not be called; null when it may. Holds for everything the address means: an IPv4 address inside an
   * IPv6 one is judged too.
   */
  refusal(ip: Ip): string | null {
    const all = meanings(ip)
    for (const meaning of all) {
      for (const [why, nets] of NEVER) {
        if (nets.some((net) => contains(net, meaning))) return `${formatIp(meaning)} is ${why}, which is never called`
      }
    }
    for (const meaning of all) {
      if (this.#allowed.some((net) => contains(net, meaning))) continue
      const text = formatIp(meaning)
      return LOOPBACK.some((net) => contains(net, meaning))
        ? `${text} is this machine itself, which is called only while Holdfast listens on a loopback address`
        : `${text} is outside the private networks; add its network to HOLDFAST_OUTBOUND_ALLOW to allow it`
    }
    return null
  }
}
