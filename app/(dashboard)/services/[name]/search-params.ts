/** The URL of one service. */
import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server'
import { RANGES } from '@/components/services/ranges'

export const serviceSearch = {
  /** open in the panel beside the page */
  instance: parseAsString,
  /** how far back the health strip reaches */
  range: parseAsStringLiteral(RANGES).withDefault('1h'),
}

export const loadServiceSearch = createLoader(serviceSearch)
