/** The URL of the grid: every view of it can be kept as a link. */
import { parseAsString, parseAsStringLiteral } from 'nuqs/server'
import { SHOWS } from '@/components/breakers/words'

export const breakersSearch = {
  q: parseAsString.withDefault(''),
  show: parseAsStringLiteral(SHOWS).withDefault('all'),
  /** open in the panel beside the grid */
  breaker: parseAsString,
}
