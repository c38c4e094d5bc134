import { createLoader } from 'nuqs/server'
import { runsParams } from '@/components/sagas/search-params'

export const loadRunsParams = createLoader(runsParams)
