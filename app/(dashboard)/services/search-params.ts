/** The URL of the list: every view of it can be kept as a link. */
import { parseAsString, parseAsStringLiteral } from 'nuqs/server'
import { SORTS } from '@/components/services/order'
import { HEALTH_STATES } from '@/core/instance'

export const servicesSearch = {
  q: parseAsString.withDefault(''),
  health: parseAsStringLiteral(HEALTH_STATES),
  zone: parseAsString,
  tag: parseAsString,
  sort: parseAsStringLiteral(SORTS).withDefault('state'),
  /** open in the panel beside the list */
  service: parseAsString,
}
