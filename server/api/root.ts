import { adminRouter } from './admin.ts'
import { breakersRouter } from './breakers.ts'
import { demoRouter } from './demo.ts'
import { gatewayRouter } from './gateway.ts'
import { auditRouter, journalRouter } from './journal.ts'
import { locksRouter } from './locks.ts'
import { policiesRouter } from './policies.ts'
import { registryRouter } from './registry.ts'
import { sagasRouter } from './sagas.ts'
import { systemRouter } from './system.ts'
import { telemetryRouter } from './telemetry.ts'
import { createCallerFactory, router } from './trpc.ts'

export const appRouter = router({
  registry: registryRouter,
  locks: locksRouter,
  policies: policiesRouter,
  sagas: sagasRouter,
  breakers: breakersRouter,
  gateway: gatewayRouter,
  telemetry: telemetryRouter,
  journal: journalRouter,
  audit: auditRouter,
  admin: adminRouter,
  demo: demoRouter,
  system: systemRouter,
})

export type AppRouter = typeof appRouter

export const createCaller = createCallerFactory(appRouter)
