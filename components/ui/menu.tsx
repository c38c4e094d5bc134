'use client'
import { Menu as Base } from '@base-ui/react/menu'
import { Check } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { cn } from './cn'
import { useFloating } from './floating'

export interface MenuItem {
  label: ReactNode
  onSelect: () => void
  icon?: ReactNode
  danger?: boolean
  disabled?: boolean
}

/** One of a few values, in a row of a menu. */
export interface MenuChoice {
  label: string
  options: readonly { value: string; label: string; icon: ReactNode }[]
  value: string
  onChange: (value: string) => void
}

/** Actions behind one button. `null` between items draws a line. */
export function Menu(props: {
  trigger: ReactElement
  items: (MenuItem | MenuChoice | null)[]
  header?: ReactNode
  align?: 'start' | 'end'
}) {
  return (
    <Base.Root>
      <Base.Trigger render={props.trigger} />
      <Base.Portal {...useFloating()}>
        <Base.Positioner sideOffset={4} align={props.align ?? 'end'} className="z-50">
          <Base.Popup className="max-h-(--available-height) min-w-44 overflow-y-auto rounded-md border border-line bg-raised p-1 text-sm shadow-float outline-none transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0">
            {props.header ? <div className="border-b border-line px-2 pt-1 pb-2 mb-1">{props.header}</div> : null}
            {props.items.map((item, at) =>
              item === null ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: a line has no identity but its place
                <Base.Separator key={`line-${at}`} className="my-1 h-px bg-line" />
              ) : 'options' in item ? (
                <Choice key={item.label} {...item} />
              ) : (
                <Base.Item
                  // biome-ignore lint/suspicious/noArrayIndexKey: items are fixed while the menu is open
                  key={at}
                  disabled={item.disabled ?? false}
                  onClick={item.onSelect}
                  className={cn(
                    'flex cursor-default items-center gap-2 rounded-sm px-2 py-1.5 outline-none data-disabled:opacity-50 data-highlighted:bg-accent-soft [&_svg]:size-4',
                    item.danger && 'text-unhealthy data-highlighted:bg-unhealthy-soft',
                  )}
                >
                  {item.icon}
                  {item.label}
                </Base.Item>
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

function Choice({ label, options, value, onChange }: MenuChoice) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next: string) => onChange(next)}>
      <Base.Group>
        <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-xs text-muted">{label}</Base.GroupLabel>
        {options.map((option) => (
          <Base.RadioItem
            key={option.value}
            value={option.value}
            className="flex cursor-default items-center gap-2 rounded-sm px-2 py-1.5 outline-none data-highlighted:bg-accent-soft [&_svg]:size-4"
          >
            {option.icon}
            <span className="flex-1">{option.label}</span>
            <Base.RadioItemIndicator>
              <Check aria-hidden />
            </Base.RadioItemIndicator>
          </Base.RadioItem>
        ))}
      </Base.Group>
    </Base.RadioGroup>
  )
}
