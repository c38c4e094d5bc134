/** What the palette looks for among services and instances. Pure. */
import type { Instance } from '@/core/instance'
import type { ServiceView } from '@/core/topology'

/** More would be slower to read than to narrow down. */
const SHOWN_MAX = 30
const SHOWN_UNASKED = 6
/** Services whose instances are looked up, and how many instances one may have for it: the rest is found on its page. */
const LOOKED_INTO = 3
const INSTANCES_MAX = 500
const TYPED_MIN = 2

const words = (typed: string) => typed.toLowerCase().split(/\s+/).filter(Boolean)

/** Services of that name, first those that need somebody. Without words: a few. */
export function servicesNamed(services: readonly ServiceView[], typed: string): ServiceView[] {
  const wanted = words(typed)
  const named = services.filter(({ name }) => wanted.every((word) => matches(name.toLowerCase(), word)))
  const urgent = (service: ServiceView) => (service.health === 'healthy' ? 1 : 0)
  return named.sort((a, b) => urgent(a) - urgent(b)).slice(0, wanted.length > 0 ? SHOWN_MAX : SHOWN_UNASKED)
}

/** Letters in their order, not necessarily side by side, as the palette itself matches. */
function matches(text: string, word: string): boolean {
  let at = 0
  for (const letter of word) {
    at = text.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}

/** Names of the services whose instances the words may mean: `pay` and `payments-2` both mean those of `payments`. */
export function instancesOf(services: readonly ServiceView[], typed: string): string[] {
  const [first] = words(typed)
  if (first === undefined || first.length < TYPED_MIN) return []
  return services
    .filter(({ name, total }) => {
      const lower = name.toLowerCase()
      return total > 0 && total <= INSTANCES_MAX && (lower.startsWith(first) || first.startsWith(lower))
    })
    .slice(0, LOOKED_INTO)
    .map(({ name }) => name)
}

export function instancesNamed(instances: readonly Instance[], typed: string): Instance[] {
  const wanted = words(typed)
  return instances
    .filter(({ id, address }) => wanted.every((word) => matches(`${id} ${address}`.toLowerCase(), word)))
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
    .slice(0, SHOWN_MAX)
}
