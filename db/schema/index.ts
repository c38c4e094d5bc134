export * from './breakers.ts'
export * from './core.ts'
export * from './identity.ts'
export * from './policies.ts'
