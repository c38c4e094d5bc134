import { kind } from './kind.ts'

export const accessLog = kind<{ share: number; failures: boolean }>('access-log', ({ share, failures }) => ({
  process(context, next) {
    context.logShare = share
    context.logFailures = failures
    return next(context)
  },
}))
