import { createLoader } from 'nuqs/server'
import { definitionParams } from '@/components/sagas/search-params'

export const loadDefinitionParams = createLoader(definitionParams)
