import type { HealthState } from '@/core/instance'

/** The word of each state. */
export const HEALTH_WORD: Record<HealthState, string> = {
  healthy: 'Healthy',
  warning: 'Warning',
  unhealthy: 'Down',
  unknown: 'Unknown',
  draining: 'Draining',
  maintenance: 'Maintenance',
}
