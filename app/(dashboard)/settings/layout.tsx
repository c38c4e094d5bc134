import type { ReactNode } from 'react'
import { SettingsTabs } from '@/components/settings/settings-tabs'
import { PageHeader } from '@/components/ui/page-header'

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <div className="grid max-w-[88rem] grid-cols-[minmax(0,1fr)] gap-4 p-4 pb-12">
      <PageHeader title="Settings" />
      <SettingsTabs />
      <div className="pt-2">{children}</div>
    </div>
  )
}
