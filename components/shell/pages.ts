import {
  CircuitBoard,
  FlaskConical,
  Gauge,
  History,
  KeyRound,
  Lock,
  type LucideIcon,
  MonitorSmartphone,
  Network,
  Repeat2,
  Route,
  ScrollText,
  Server,
  Settings,
  ShieldCheck,
  Timer,
  Undo2,
  UserRound,
  Users,
} from 'lucide-react'

export interface Page {
  href: string
  label: string
  icon: LucideIcon
  /** pressed after `g` */
  key: string
}

export function pagesOf(demo: boolean): Page[] {
  return [
    { href: '/', label: 'Topology', icon: Network, key: 't' },
    { href: '/services', label: 'Services', icon: Server, key: 's' },
    { href: '/breakers', label: 'Breakers', icon: CircuitBoard, key: 'b' },
    { href: '/gateway', label: 'Gateway', icon: Route, key: 'w' },
    { href: '/latency', label: 'Latency', icon: Timer, key: 'y' },
    { href: '/locks', label: 'Locks', icon: Lock, key: 'l' },
    { href: '/sagas', label: 'Sagas', icon: Undo2, key: 'a' },
    { href: '/policies', label: 'Policies', icon: Repeat2, key: 'p' },
    { href: '/journal', label: 'Journal', icon: ScrollText, key: 'j' },
    ...(demo ? [{ href: '/demo', label: 'Demo', icon: FlaskConical, key: 'd' }] : []),
    { href: '/settings', label: 'Settings', icon: Settings, key: 'e' },
  ]
}

/** Pages within pages, found by name. */
export const innerPages: { href: string; label: string; within: string; icon: LucideIcon; keywords: string[] }[] = [
  {
    href: '/sagas/stuck',
    label: 'Runs that wait for a person',
    within: 'Sagas',
    icon: Undo2,
    keywords: ['stuck', 'inbox', 'parked'],
  },
  {
    href: '/sagas/definitions',
    label: 'Saga definitions',
    within: 'Sagas',
    icon: Undo2,
    keywords: ['start', 'define', 'version'],
  },
  {
    href: '/latency/bottlenecks',
    label: 'Bottlenecks',
    within: 'Latency',
    icon: Gauge,
    keywords: ['utilisation', 'headroom', 'saturation', 'capacity', 'queue', 'little'],
  },
  {
    href: '/sagas/schedules',
    label: 'Saga schedules',
    within: 'Sagas',
    icon: Undo2,
    keywords: ['cron', 'timer', 'every'],
  },
  {
    href: '/sagas/workers',
    label: 'Saga workers and queues',
    within: 'Sagas',
    icon: Undo2,
    keywords: ['tasks', 'limit', 'capacity'],
  },
  { href: '/journal/audit', label: 'Audit trail', within: 'Journal', icon: ShieldCheck, keywords: ['who', 'why'] },
  { href: '/journal/at', label: 'As it was', within: 'Journal', icon: History, keywords: ['past', 'moment', 'time'] },
  { href: '/gateway/log', label: 'Live log', within: 'Gateway', icon: Route, keywords: ['requests', 'access'] },
  { href: '/gateway/try', label: 'Try a request', within: 'Gateway', icon: Route, keywords: ['test', 'trace', 'curl'] },
  { href: '/gateway/faults', label: 'Faults', within: 'Gateway', icon: Route, keywords: ['inject', 'chaos', 'delay'] },
  {
    href: '/gateway/revisions',
    label: 'Revisions',
    within: 'Gateway',
    icon: Route,
    keywords: ['roll back', 'history'],
  },
  { href: '/settings/account', label: 'Your account', within: 'Settings', icon: UserRound, keywords: ['password'] },
  { href: '/settings/users', label: 'Users', within: 'Settings', icon: Users, keywords: ['invite', 'role'] },
  {
    href: '/settings/tokens',
    label: 'Service tokens',
    within: 'Settings',
    icon: KeyRound,
    keywords: ['sdk', 'create'],
  },
  { href: '/settings/sessions', label: 'Sessions', within: 'Settings', icon: MonitorSmartphone, keywords: ['browser'] },
  { href: '/settings/system', label: 'System', within: 'Settings', icon: Server, keywords: ['version', 'database'] },
]

export function isCurrent(page: Page, path: string): boolean {
  return page.href === '/' ? path === '/' : path === page.href || path.startsWith(`${page.href}/`)
}
