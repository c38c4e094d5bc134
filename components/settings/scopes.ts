/** What a service token may do, in words. */
export const SCOPES = [
  { value: 'registry:read', label: 'Find services', words: 'discovers and follows instances, reads their states' },
  { value: 'registry:write', label: 'Register', words: 'registers instances, beats, drains and deregisters its own' },
  { value: 'telemetry:write', label: 'Report calls', words: 'sends counts and times of the calls it makes' },
  { value: 'policies:read', label: 'Follow policies', words: 'follows the backoff policies that it retries by' },
  { value: 'policies:write', label: 'Change policies', words: 'changes and removes backoff policies, with a reason' },
  { value: 'journal:read', label: 'Read the journal', words: 'reads the journal and the audit trail' },
  { value: 'locks:read', label: 'See locks', words: 'reads who holds what, and who waits' },
  { value: 'locks:write', label: 'Lock', words: 'acquires, renews and releases locks of its own' },
  { value: 'sagas:read', label: 'Read sagas', words: 'lists runs, reads their histories, waits for their results' },
  { value: 'sagas:write', label: 'Run sagas', words: 'defines, starts and signals sagas, works on their steps' },
  { value: 'breakers:read', label: 'Follow breakers', words: 'reads and follows circuit breakers' },
  { value: 'breakers:write', label: 'Report to breakers', words: 'reports outcomes of calls and asks for probes' },
  { value: 'gateway:read', label: 'See the gateway', words: 'reads its routes and the log of requests' },
  { value: 'gateway:write', label: 'Change the gateway', words: 'changes routes and makes faults, with a reason' },
  { value: 'gateway:serve', label: 'Serve as the gateway', words: 'runs by the routes, keys included, and reports' },
] as const

export type Scope = (typeof SCOPES)[number]['value']

/** What a service needs to take part. */
export const SERVICE_SCOPES: readonly Scope[] = [
  'registry:read',
  'registry:write',
  'telemetry:write',
  'locks:read',
  'locks:write',
  'policies:read',
  'sagas:read',
  'sagas:write',
  'breakers:read',
  'breakers:write',
]

export const EXPIRIES = [
  { value: 'never', label: 'until revoked', ms: null },
  { value: '1d', label: '1 day', ms: 86_400_000 },
  { value: '30d', label: '30 days', ms: 30 * 86_400_000 },
  { value: '90d', label: '90 days', ms: 90 * 86_400_000 },
  { value: '365d', label: '1 year', ms: 365 * 86_400_000 },
] as const

export type Expiry = (typeof EXPIRIES)[number]['value']
