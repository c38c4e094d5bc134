'use client'
import { usePathname } from 'next/navigation'
import { LinkTabs } from '@/components/ui/tabs'

const TABS = [
  { href: '/settings/account', label: 'Account' },
  { href: '/settings/users', label: 'Users' },
  { href: '/settings/tokens', label: 'Tokens' },
  { href: '/settings/sessions', label: 'Sessions' },
  { href: '/settings/system', label: 'System' },
]

export function SettingsTabs() {
  const path = usePathname()
  return <LinkTabs label="Settings" tabs={TABS.map((tab) => ({ ...tab, active: path === tab.href }))} />
}
