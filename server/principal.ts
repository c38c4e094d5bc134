/** Who is asking. Roles are for people, scopes for service tokens; the admin token and the system hold the admin role. */
import { ForbiddenError } from '../core/errors.ts'

export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

export const SCOPES = [
  'registry:read',
  'registry:write',
  'telemetry:write',
  'journal:read',
  'locks:read',
  'locks:write',
  'policies:read',
  'policies:write',
  'sagas:read',
  'sagas:write',
  'breakers:read',
  'breakers:write',
  'gateway:read',
  'gateway:write',
  'gateway:serve',
] as const
export type Scope = (typeof SCOPES)[number]

/** What a service needs to take part in everything. */
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

/** What a worker of the gateway needs: to take part, and to run by the configuration. */
export const GATEWAY_SCOPES: readonly Scope[] = [...SERVICE_SCOPES, 'gateway:read', 'gateway:serve']

export interface Principal {
  kind: 'user' | 'token' | 'admin-token' | 'system'
  id: string
  /** shown in the journal and the audit trail: `user:ada@example.org`, `token:ci` */
  actor: string
  name: string
  /** null for service tokens: they have scopes */
  role: Role | null
  scopes: readonly Scope[]
  /** services a token may register and report for; null: any */
  services: readonly string[] | null
  /** turns false when the user, session or token behind it is revoked or changed */
  active: boolean
}

export const SYSTEM: Principal = {
  kind: 'system',
  id: 'system',
  actor: 'system',
  name: 'Holdfast',
  role: 'admin',
  scopes: SCOPES,
  services: null,
  active: true,
}

/** What a procedure asks of its caller. `scope: null`: no service token may call it. */
export interface Requirement {
  role: Role
  scope: Scope | null
}

export function isAllowed(principal: Principal, requirement: Requirement): boolean {
  if (principal.role !== null) return ROLES.indexOf(principal.role) >= ROLES.indexOf(requirement.role)
  return requirement.scope !== null && principal.scopes.includes(requirement.scope)
}

/** Throws unless `principal` may act for `service`. */
export function assertService(principal: Principal, service: string): void {
  if (principal.services === null || principal.services.includes(service)) return
  throw new ForbiddenError(
    `The token "${principal.name}" is limited to ${principal.services.join(', ')} and cannot act for "${service}". Create a token for that service under Settings.`,
  )
}
