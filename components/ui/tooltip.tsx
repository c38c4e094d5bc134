'use client'
import { Tooltip as Base } from '@base-ui/react/tooltip'
import type { ReactElement, ReactNode } from 'react'
import { useFloating } from './floating'

/** A few words about a control, on hover and focus. Never the only place where something is said. */
export function Tooltip(props: {
  content: ReactNode
  children: ReactElement
  side?: 'top' | 'bottom' | 'left' | 'right'
}) {
  return (
    <Base.Provider delay={300}>
      <Base.Root>
        <Base.Trigger render={props.children} />
        <Base.Portal {...useFloating()}>
          <Base.Positioner sideOffset={6} side={props.side ?? 'top'} className="z-50">
            <Base.Popup className="max-w-72 rounded-md border border-line bg-raised px-2 py-1 text-xs text-text shadow-float">
              {props.content}
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
    </Base.Provider>
  )
}
