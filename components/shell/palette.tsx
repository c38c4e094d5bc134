'use client'
import { Command } from 'cmdk'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { useConnection, usePause, useServices } from '../live'
import { Kbd } from '../ui/kbd'
import { StateGlyph } from '../ui/state'
import { pagesOf } from './pages'
import { useSession } from './session'
import { toggleTheme } from './theme'

const ITEM =
  'flex cursor-default items-center gap-2.5 rounded-md px-2.5 py-1.5 text-sm data-[selected=true]:bg-accent-soft'
const GROUP =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted'

/** Everything by name: pages, services, actions. */
export function Palette(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  showHelp: () => void
  showLegend: () => void
}) {
  const router = useRouter()
  const { demo } = useSession()
  const services = useServices()
  const { paused } = useConnection()
  const { pause, resume } = usePause()
  const run = (action: () => void) => () => {
    props.onOpenChange(false)
    action()
  }
  const item = (label: string, action: () => void, icon?: ReactNode) => (
    <Command.Item key={label} value={label} onSelect={run(action)} className={ITEM}>
      {icon}
      {label}
    </Command.Item>
  )
  return (
    <Command.Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      label="Find a page, a service or an action"
      overlayClassName="fixed inset-0 z-40 bg-[rgb(0_0_0/45%)]"
      contentClassName="fixed top-[min(14vh,9rem)] left-1/2 z-50 w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-raised shadow-float"
    >
      <Command.Input
        placeholder="Find a page, a service or an action"
        className="h-11 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-faint"
      />
      <Command.List className="max-h-80 overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-sm text-muted">Nothing of that name.</Command.Empty>
        <Command.Group heading="Pages" className={GROUP}>
          {pagesOf(demo).map((page) =>
            item(page.label, () => router.push(page.href), <page.icon className="size-4 text-muted" aria-hidden />),
          )}
        </Command.Group>
        <Command.Group heading="Services" className={GROUP}>
          {services.slice(0, 500).map((service) => (
            <Command.Item
              key={service.name}
              value={`service ${service.name}`}
              onSelect={run(() => router.push(`/services/${encodeURIComponent(service.name)}`))}
              className={ITEM}
            >
              <StateGlyph state={service.health} label={service.health} />
              {service.name}
            </Command.Item>
          ))}
        </Command.Group>
        <Command.Group heading="Actions" className={GROUP}>
          {item(paused ? 'Go on live' : 'Pause what is shown', paused ? resume : pause)}
          {item('Switch between light and dark', toggleTheme)}
          {item('Show the legend of states', props.showLegend)}
          {item('Show keyboard shortcuts', props.showHelp)}
        </Command.Group>
      </Command.List>
      <div className="flex items-center gap-3 border-t border-line px-3 py-2 text-xs text-muted">
        <span>
          <Kbd>↑</Kbd> <Kbd>↓</Kbd> choose
        </span>
        <span>
          <Kbd>↵</Kbd> open
        </span>
        <span>
          <Kbd>esc</Kbd> close
        </span>
      </div>
    </Command.Dialog>
  )
}
