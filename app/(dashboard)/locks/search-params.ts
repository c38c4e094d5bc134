/** The URL of the list: every view of it can be kept as a link. */
import { parseAsString, parseAsStringLiteral } from 'nuqs/server'
import { SHOWS } from '@/components/locks/order'

export const locksSearch = {
  q: parseAsString.withDefault(''),
  show: parseAsStringLiteral(SHOWS).withDefault('all'),
  /** open in the panel beside the list */
  lock: parseAsString,
}
