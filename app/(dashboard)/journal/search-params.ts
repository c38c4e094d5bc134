import { createLoader } from 'nuqs/server'
import { journalParams } from '@/components/journal/search-params'

export const loadJournalParams = createLoader(journalParams)
