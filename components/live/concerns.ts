/** Which of the answers in the cache a journal entry makes old. Pure, so that it can be read and tested in one place. */
import type { LiveEvent } from './store'

export interface Concerns {
  /** services whose detail and history have changed */
  services: Set<string>
  registry: boolean
  journal: boolean
  audit: boolean
  admin: boolean
  /** routes and faults */
  gateway: boolean
}

export const noConcerns = (): Concerns => ({
  services: new Set(),
  registry: false,
  journal: false,
  audit: false,
  admin: false,
  gateway: false,
})

export function isConcerned(concerns: Concerns): boolean {
  return concerns.registry || concerns.journal || concerns.audit || concerns.admin || concerns.gateway
}

const ADMIN = new Set(['user', 'token', 'session', 'invitation', 'link'])

/** Adds to `concerns` what `events` touch. */
export function collect(concerns: Concerns, events: readonly LiveEvent[]): Concerns {
  for (const event of events) {
    concerns.journal = true
    const noun = event.key.split('/', 1)[0] as string
    if (noun === 'instance' || noun === 'service') concerns.registry = true
    if (noun === 'route' || noun === 'fault') concerns.gateway = true
    if (event.service !== null) concerns.services.add(event.service)
    if (ADMIN.has(noun) || ADMIN.has(event.kind.split('.', 1)[0] as string)) concerns.admin = true
    // What the control plane does by itself leaves no trail of a person.
    if (event.actor !== 'system') concerns.audit = true
  }
  return concerns
}

export const everything = (services: Iterable<string>): Concerns => ({
  services: new Set(services),
  registry: true,
  journal: true,
  audit: true,
  admin: true,
  gateway: true,
})
