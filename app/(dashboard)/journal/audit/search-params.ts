import { createLoader } from 'nuqs/server'
import { auditParams } from '@/components/journal/search-params'

export const loadAuditParams = createLoader(auditParams)
