'use client'
import { Select as Base } from '@base-ui/react/select'
import { Check, ChevronsUpDown } from 'lucide-react'
import { cn } from './cn'
import { useFloating } from './floating'

export interface Option<T extends string> {
  value: T
  label: string
}

/** One of a few values. `label`: its name for screen readers, when no visible label points at `id`. */
export function Select<T extends string>(props: {
  options: readonly Option<T>[]
  value: T
  onChange: (value: T) => void
  label?: string
  id?: string
  className?: string
  disabled?: boolean
}) {
  return (
    <Base.Root
      items={[...props.options]}
      value={props.value}
      onValueChange={(value) => value !== null && props.onChange(value as T)}
      {...(props.disabled === undefined ? {} : { disabled: props.disabled })}
    >
      <Base.Trigger
        id={props.id}
        aria-label={props.label}
        className={cn(
          'inline-flex h-8 items-center justify-between gap-2 rounded-md border border-line-strong bg-surface px-2.5 text-sm hover:bg-sunken',
          props.className,
        )}
      >
        <Base.Value />
        <Base.Icon className="text-faint">
          <ChevronsUpDown className="size-3.5" aria-hidden />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal {...useFloating()}>
        <Base.Positioner sideOffset={4} className="z-50" alignItemWithTrigger={false}>
          <Base.Popup className="max-h-80 min-w-(--anchor-width) overflow-y-auto rounded-md border border-line bg-raised p-1 text-sm shadow-float outline-none">
            {props.options.map((option) => (
              <Base.Item
                key={option.value}
                value={option.value}
                className="flex cursor-default items-center justify-between gap-4 rounded-sm px-2 py-1 outline-none data-highlighted:bg-accent-soft"
              >
                <Base.ItemText>{option.label}</Base.ItemText>
                <Base.ItemIndicator>
                  <Check className="size-3.5" aria-hidden />
                </Base.ItemIndicator>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
