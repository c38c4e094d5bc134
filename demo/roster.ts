/** Who is in the fleet: six services in twelve processes, over two zones. */

export interface Place {
  /** also its id in the registry */
  id: string
  service: ServiceName
  /** 1 for the first instance of its service */
  number: number
  zone: 'a' | 'b'
  version: string
  /** share of traffic relative to its siblings */
  weight: number
}

export const SERVICE_NAMES = ['storefront', 'orders', 'inventory', 'payments', 'shipping', 'notifications'] as const
export type ServiceName = (typeof SERVICE_NAMES)[number]

interface About {
  tags: string[]
  team: string
  /** what it does, in a sentence for its metadata */
  about: string
  /** requests that one process works on at a time; the rest wait in its queue */
  concurrency: number
  /** one an instance, in order; a canary runs a newer version with less weight */
  instances: { zone: 'a' | 'b'; version: string; weight: number }[]
}

const usual = (zone: 'a' | 'b', version: string) => ({ zone, version, weight: 100 })

export const SERVICES: Record<ServiceName, About> = {
  storefront: {
    tags: ['public', 'web'],
    team: 'shop',
    about: 'what customers talk to: browse, fill a cart, check out',
    concurrency: 64,
    instances: [usual('a', '4.2.0'), usual('b', '4.2.0')],
  },
  orders: {
    tags: ['core', 'stateful'],
    team: 'shop',
    about: 'takes an order through stock, payment and shipping',
    concurrency: 32,
    instances: [usual('a', '2.8.1'), usual('b', '2.8.1')],
  },
  inventory: {
    tags: ['core', 'stateful'],
    team: 'warehouse',
    about: 'what is on the shelves, and for whom it is set aside',
    concurrency: 4,
    instances: [usual('a', '3.1.4'), usual('b', '3.1.4'), { zone: 'b', version: '3.2.0', weight: 50 }],
  },
  payments: {
    tags: ['core', 'pci'],
    team: 'money',
    about: 'charges cards, once an order, and refunds them',
    concurrency: 2,
    instances: [usual('a', '1.12.0'), usual('b', '1.12.0')],
  },
  shipping: {
    tags: ['warehouse'],
    team: 'warehouse',
    about: 'packs parcels and follows them to the door',
    concurrency: 2,
    instances: [usual('a', '1.4.2')],
  },
  notifications: {
    tags: ['async'],
    team: 'shop',
    about: 'tells customers how their orders go',
    concurrency: 4,
    instances: [usual('a', '2.0.3'), usual('b', '2.0.3')],
  },
}

/** Every process of the fleet, in the order in which they are started: those that others need come first. */
export const ROSTER: readonly Place[] = (
  ['notifications', 'inventory', 'payments', 'shipping', 'orders', 'storefront'] as const
).flatMap((service) =>
  SERVICES[service].instances.map((instance, index) => ({
    id: `${service}-${index + 1}`,
    service,
    number: index + 1,
    ...instance,
  })),
)

export function placeOf(service: string, number: number): Place | undefined {
  return ROSTER.find((place) => place.service === service && place.number === number)
}
