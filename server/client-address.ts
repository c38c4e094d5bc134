/** The address of whoever calls; behind a proxy that is trusted, what that says of its client. */
import type { IncomingMessage } from 'node:http'
import { canonical, contains, formatIp, type Ip, type Network, parseIp, parseNetwork } from './outbound/networks.ts'

export type ClientAddress = (req: IncomingMessage) => string

/** `trusted`: networks of proxies in front of the control plane, in CIDR notation. */
export function clientAddress(trusted: readonly string[]): ClientAddress {
  const known = trusted.map(parseNetwork).filter((network): network is Network => network !== null)
  const isTrusted = (ip: Ip) => known.some((network) => contains(network, ip))
  return (req) => {
    const peer = addressOf(req.socket.remoteAddress ?? '')
    if (!peer || !isTrusted(peer)) return peer ? formatIp(peer) : ''
    const said = req.headers['x-forwarded-for']
    const chain = (Array.isArray(said) ? said.join(',') : (said ?? '')).split(',')
    // From the right, the first that is none of ours: what is left of it anybody may have written.
    for (const part of chain.reverse()) {
      const ip = addressOf(part.trim())
      if (!ip) break
      if (!isTrusted(ip)) return formatIp(ip)
    }
    return formatIp(peer)
  }
}

function addressOf(text: string): Ip | null {
  const ip = parseIp(text)
  return ip ? canonical(ip) : null
}
