export * from './core.ts'
export * from './identity.ts'
export * from './locks.ts'
export * from './policies.ts'
