import { Refused } from '../problem.ts'
import { kind } from './kind.ts'

export const bodyLimit = kind<{ bytesMax: number }>('body-limit', ({ bytesMax }) => ({
  process(context, next) {
    if (Number(context.req.headers['content-length'] ?? 0) > bytesMax) {
      return Promise.reject(new Refused(413, 'limit', `The body is longer than ${bytesMax} bytes.`))
    }
    // Without a length it is counted as it comes.
    context.bodyMax = bytesMax
    return next(context)
  },
}))
