import { LinkTabs } from '@/components/ui/tabs'

export function JournalTabs({ current }: { current: 'journal' | 'audit' | 'at' }) {
  return (
    <LinkTabs
      label="Journal"
      tabs={[
        { href: '/journal', label: 'Journal', active: current === 'journal' },
        { href: '/journal/audit', label: 'Audit', active: current === 'audit' },
        { href: '/journal/at', label: 'As it was', active: current === 'at' },
      ]}
    />
  )
}
