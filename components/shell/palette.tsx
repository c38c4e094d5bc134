'use client'
import { Command } from 'cmdk'
import { useState } from 'react'
import { Kbd } from '../ui/kbd'
import { PaletteActions } from './palette-actions'
import { PaletteFleet } from './palette-fleet'
import { PalettePages } from './palette-pages'

/** Everything by name: pages, services, their instances, actions. */
export function Palette(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  showHelp: () => void
  showLegend: () => void
}) {
  return (
    <Command.Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      label="Find a page, a service or an action"
      overlayClassName="fixed inset-0 z-40 bg-scrim"
      contentClassName="fixed top-[min(12vh,8rem)] left-1/2 z-50 w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-raised shadow-float"
    >
      {props.open ? <Content {...props} /> : null}
    </Command.Dialog>
  )
}

function Content(props: Parameters<typeof Palette>[0]) {
  const [typed, setTyped] = useState('')
  const run = (action: () => void) => {
    props.onOpenChange(false)
    action()
  }
  return (
    <>
      <Command.Input
        value={typed}
        onValueChange={setTyped}
        placeholder="Find a page, a service, an instance or an action"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-faint"
      />
      <Command.List className="max-h-[min(26rem,55dvh)] scroll-py-2 overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-8 text-center text-sm text-muted">
          No page, service, instance or action of that name.
        </Command.Empty>
        <PalettePages run={run} typed={typed} />
        <PaletteFleet run={run} typed={typed} />
        <PaletteActions run={run} showHelp={props.showHelp} showLegend={props.showLegend} />
      </Command.List>
      <div className="hidden items-center gap-4 border-t border-line px-3.5 py-2 text-xs text-muted sm:flex">
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
    </>
  )
}
