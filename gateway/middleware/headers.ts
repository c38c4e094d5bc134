import { removeHeader, setHeader } from '../answer.ts'
import { kind } from './kind.ts'

type Pairs = readonly (readonly [string, string])[]

/** Framing and what ends at a hop stay ours, whatever a rule says. */
const FIXED = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
])

export const headers = kind<{
  setRequest: Pairs
  removeRequest: readonly string[]
  setResponse: Pairs
  removeResponse: readonly string[]
}>('headers', (config) => {
  const free = (name: string) => !FIXED.has(name.toLowerCase())
  const setRequest = config.setRequest.filter(([name]) => free(name))
  const removeRequest = config.removeRequest.filter(free).map((name) => name.toLowerCase())
  const setResponse = config.setResponse.filter(([name]) => free(name))
  const removeResponse = config.removeResponse.filter(free).map((name) => name.toLowerCase())
  return {
    async process(context, next) {
      for (const name of removeRequest) removeHeader(context.headers, name)
      for (const [name, value] of setRequest) setHeader(context.headers, name, value)
      const answer = await next(context)
      for (const name of removeResponse) removeHeader(answer.headers, name)
      for (const [name, value] of setResponse) setHeader(answer.headers, name, value)
      return answer
    },
  }
})
