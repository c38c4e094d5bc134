import { createLoader } from 'nuqs/server'
import { atParams } from '@/components/journal/search-params'

export const loadAtParams = createLoader(atParams)
