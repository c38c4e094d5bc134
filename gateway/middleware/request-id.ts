import { randomBytes } from 'node:crypto'
import { setHeader } from '../answer.ts'
import { kind } from './kind.ts'

const KEPT = /^[A-Za-z0-9\-._]{1,128}$/

/** Unique by the process and a count, which is 50 times cheaper than asking for random bytes each time. */
const PREFIX = randomBytes(6).toString('hex')
let count = 0

export function newId(): string {
  count += 1
  return `${PREFIX}-${count.toString(36)}`
}

export const requestId = kind<{ header: string; trust: boolean }>('request-id', ({ header, trust }) => {
  const lower = header.toLowerCase()
  return {
    async process(context, next) {
      const given = trust ? context.header(lower) : undefined
      if (given !== undefined && KEPT.test(given)) context.id = given
      setHeader(context.headers, header, context.id)
      const answer = await next(context)
      setHeader(answer.headers, header, context.id)
      context.did(() => context.id)
      return answer
    },
  }
})
