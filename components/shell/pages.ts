import { FlaskConical, type LucideIcon, Network, ScrollText, Server, Settings } from 'lucide-react'

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
    { href: '/journal', label: 'Journal', icon: ScrollText, key: 'j' },
    ...(demo ? [{ href: '/demo', label: 'Demo', icon: FlaskConical, key: 'd' }] : []),
    { href: '/settings', label: 'Settings', icon: Settings, key: 'e' },
  ]
}

export function isCurrent(page: Page, path: string): boolean {
  return page.href === '/' ? path === '/' : path === page.href || path.startsWith(`${page.href}/`)
}
