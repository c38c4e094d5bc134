import { kind } from './kind.ts'

/** What it does is done where the service is called, so that its delay counts as time on the network. */
export const fault = kind<{ share: number; delayMs: number; abortStatus: number | null }>(
  'fault',
  (config, services) => ({
    process(context, next) {
      if (config.share >= 1 || services.random() < config.share) context.faults.push(config)
      return next(context)
    },
  }),
)
