import { request } from 'undici'
import { isForbidden } from '../peer.ts'
import { kind } from './kind.ts'

/** Copies under way at a time; further ones are not made. */
const COPIES_MAX = 64
const TIMEOUT_MS = 10_000

/** What happens to the copy is nobody's concern: neither its time nor its failure reaches the client. */
export const mirror = kind<{ service: string; share: number }>('mirror', ({ service, share }, services) => {
  const group = services.upstreams.service(service)
  const chooser = { balance: { by: 'round-robin', hashHeader: '', zoneFirst: false } as const, turn: 0 }
  let copies = 0
  return {
    uses: [group.key],
    async process(context, next) {
      const chosen = share >= 1 || services.random() < share
      const answer = await next(context)
      // After the answer has begun: by then a small body has been read whole.
      if (!chosen || copies >= COPIES_MAX || (context.hasBody && context.wholeBody === null)) return answer
      const upstream = services.upstreams.choose(group, chooser, [], () => '', services.now())
      if (!upstream || isForbidden(new URL(`http://${upstream.facts.address}`).hostname.replace(/^\[|\]$/g, '')))
        return answer
      copies += 1
      context.did(() => `copied to ${upstream.facts.id}`)
      const path = context.route?.rewrite(context.path) ?? context.path
      const url = `${upstream.facts.secure ? 'https' : 'http'}://${upstream.facts.address}${path}${context.query}`
      const headers = [...context.headers, 'x-holdfast-mirror', '1']
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      request(url, { method: context.method as 'GET', headers, body: context.wholeBody, signal })
        .then(({ body }) => body.dump())
        .catch(() => undefined)
        .finally(() => {
          copies -= 1
        })
      return answer
    },
  }
})
