'use client'
import { Popover as Base } from '@base-ui/react/popover'
import { type ReactElement, type ReactNode, useId } from 'react'
import { cn } from './cn'
import { useFloating } from './floating'

/** A small panel at its trigger, which also names it unless `label` does. */
export function Popover(props: {
  trigger: ReactElement<{ id?: string }>
  children: ReactNode
  label?: string
  className?: string
  align?: 'start' | 'center' | 'end'
}) {
  const ownId = useId()
  const triggerId = props.trigger.props.id ?? ownId
  return (
    <Base.Root>
      <Base.Trigger id={triggerId} render={props.trigger} />
      <Base.Portal {...useFloating()}>
        <Base.Positioner sideOffset={6} align={props.align ?? 'end'} className="z-50">
          <Base.Popup
            {...(props.label === undefined ? { 'aria-labelledby': triggerId } : { 'aria-label': props.label })}
            className={cn(
              'max-h-(--available-height) max-w-[calc(100vw-1rem)] overflow-y-auto rounded-md border border-line bg-raised p-3 text-sm shadow-float outline-none transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0',
              props.className,
            )}
          >
            {props.children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
