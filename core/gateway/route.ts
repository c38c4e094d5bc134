/** A route of the gateway as operators write it. */
import type { MiddlewareConfig } from './fields.ts'

export const PATH_KINDS = ['exact', 'prefix', 'pattern'] as const
export const BALANCES = ['least-load', 'round-robin', 'least-in-flight', 'hash'] as const

export interface RouteMatch {
  /** lower-case names, `*.example.org` for anything below one; empty: any host */
  hosts: string[]
  /** `prefix` by whole segments; `pattern` with `:name` for a segment and a last `*` for the rest */
  path: { kind: (typeof PATH_KINDS)[number]; value: string }
  /** empty: any */
  methods: string[]
  /** all must be there; `value` null: whatever it is */
  headers: { name: string; value: string | null }[]
}

/** Where requests go: a service of the registry, or fixed addresses `host:port`. */
export interface Target {
  service: string | null
  addresses: string[]
  /** share of the requests, relative to the other targets'; 0: none */
  weight: number
}

export interface Step {
  /** a middleware of the catalog */
  use: string
  config: MiddlewareConfig
}

export interface RouteSpec {
  id: string
  description: string
  enabled: boolean
  /** the higher is looked at first; among equals the more specific */
  priority: number
  match: RouteMatch
  targets: Target[]
  balance: {
    by: (typeof BALANCES)[number]
    /** for `hash`: the header whose value decides; empty: the client's address */
    hashHeader: string
    /** instances of the gateway's own zone first, while one can take traffic */
    zoneFirst: boolean
  }
  rewrite: {
    /** put in place of what an exact path or a prefix has matched; null: the path stays */
    path: string | null
    /** what the upstream sees as Host: what the client sent, or its own address */
    host: 'client' | 'upstream'
  }
  /** in order; the first is the outermost */
  middleware: Step[]
}

/** As stored. */
export interface Route extends RouteSpec {
  /** the revision of the configuration that it was last changed in */
  revision: number
  updatedAt: number
  updatedBy: string
  reason: string
}

export const ROUTES_MAX = 500
export const STEPS_MAX = 24

export function routeKey(id: string): string {
  return `route/${id}`
}
