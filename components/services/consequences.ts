/** What an act would do, in words, before it is done. Pure. */

import { formatRate } from '@/components/ui/figure'
import { isRoutable } from '@/core/health'
import type { Instance } from '@/core/instance'
import type { Traffic } from './traffic'

const instancesWord = (n: number) => (n === 1 ? '1 instance' : `${n} instances`)

/** At most three names, the rest as a number. */
export function named(names: readonly string[]): string {
  if (names.length === 0) return 'nobody'
  if (names.length <= 3) return names.join(', ')
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
}

export function trafficAffected(traffic: Traffic): string {
  if (traffic.count === 0) return 'No traffic was seen in the last window.'
  return `${formatRate(traffic.ratePerSec)} from ${named(traffic.callers)} ${traffic.callers.length === 1 ? 'is' : 'are'} affected.`
}

/** What a caller of discover gets when the last routable instance is taken out. */
const LAST_RESORT = 'None is left to take traffic: discovery then hands them out only as a last resort, marked as such.'

export function serviceMaintenanceStarts(routable: number, total: number, traffic: Traffic): string[] {
  if (total === 0) return ['It has no instances now. Those that register meanwhile start in maintenance.']
  return [
    routable === 0
      ? 'None of its instances takes traffic now; they stay out even when they recover.'
      : `${instancesWord(routable)} ${routable === 1 ? 'leaves' : 'leave'} discovery. ${LAST_RESORT}`,
    trafficAffected(traffic),
    'Heartbeats and checks go on and are shown; they bring nothing back until it ends.',
  ]
}

export function serviceMaintenanceEnds(total: number): string[] {
  return [`${instancesWord(total)} ${total === 1 ? 'is' : 'are'} judged by heartbeats and checks again, at once.`]
}

export function holdReleased(silent: number, total: number): string[] {
  return [
    `${silent} of ${total} stopped beating at about the same time. That is more often a broken network than ${silent} broken processes, so they were not taken out.`,
    'Released, those that are still silent count as down and leave discovery. Those that beat again are left alone.',
  ]
}

/** Taking one instance out of a service: who is left. */
export function instanceLeaves(instance: Instance, siblings: readonly Instance[], traffic: Traffic): string[] {
  const others = siblings.filter((i) => i.id !== instance.id)
  const left = others.filter(isRoutable).length
  const lines: string[] = []
  if (!isRoutable(instance)) lines.push('It takes no traffic now, so no caller notices.')
  else if (left === 0)
    lines.push(`It is the last of ${instance.service} that takes traffic. ${LAST_RESORT}`, trafficAffected(traffic))
  else
    lines.push(`New calls go to the other ${left === 1 ? 'one' : left} that ${left === 1 ? 'takes' : 'take'} traffic.`)
  return lines
}

export function instanceDrains(instance: Instance, siblings: readonly Instance[], traffic: Traffic): string[] {
  return [...instanceLeaves(instance, siblings, traffic), 'Calls under way may finish: nothing is cut off.']
}

export function instanceDeregisters(instance: Instance, siblings: readonly Instance[], traffic: Traffic): string[] {
  return [
    ...instanceLeaves(instance, siblings, traffic),
    'It is forgotten here and its process is told so. It stays out until that process restarts; this cannot be undone from here.',
  ]
}
