import { createHash } from 'node:crypto'
import { removeHeader } from '../answer.ts'
import { Refused } from '../problem.ts'
import { kind } from './kind.ts'

const HASHED = 'sha256:'

export const apiKey = kind<{ header: string; keys: readonly (readonly [string, string])[]; nameHeader: string }>(
  'api-key',
  ({ header, keys, nameHeader }) => {
    const lower = header.toLowerCase()
    // Looked up by the hash: how long that takes says nothing about a key.
    const byHash = new Map(keys.map(([name, hash]) => [hash.slice(HASHED.length), name]))
    return {
      async process(context, next) {
        removeHeader(context.headers, nameHeader.toLowerCase())
        const key = context.header(lower)
        if (key === undefined) throw unauthorised(`Send an API key in the header "${header}".`)
        const name = byHash.get(createHash('sha256').update(key).digest('hex'))
        if (name === undefined) throw unauthorised('This API key is not known.')
        removeHeader(context.headers, lower)
        context.headers.push(nameHeader, name)
        context.notes.set('api-key', name)
        context.did(() => `key of ${name}`)
        return next(context)
      },
    }
  },
)

function unauthorised(message: string): Refused {
  return new Refused(401, 'auth', message, { headers: ['www-authenticate', 'ApiKey'] })
}
