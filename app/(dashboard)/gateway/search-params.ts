/** The URL of the list of routes: every view of it can be kept as a link. */
import { parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs/server'
import { SHOWS } from '@/components/gateway/order'

export const routesSearch = {
  q: parseAsString.withDefault(''),
  show: parseAsStringLiteral(SHOWS).withDefault('all'),
  /** open in the panel beside the list */
  route: parseAsString,
}

/** open in the panel beside the list */
export const revisionParam = parseAsInteger
