/** What the registry sees of the fleet, kept up to date from its stream. */
import type { Instance } from '@/core/instance'
import type { WatchMessage } from '@/server/registry/watch'

export type Observed = ReadonlyMap<string, Instance>

const KEY = 'instance/'

/** What is known after one more message. Instances that have not changed stay the same objects. */
export function observe(before: Observed, message: WatchMessage): Observed {
  if (message.type === 'snapshot') return new Map(message.instances.map((instance) => [instance.id, instance]))
  const after = new Map(before)
  for (const { key, value } of message.events) {
    if (!key.startsWith(KEY)) continue
    const id = key.slice(KEY.length)
    if (value === null) after.delete(id)
    else after.set(id, value as Instance)
  }
  return after
}
