'use client'
import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode, RefObject } from 'react'
import { cn } from './cn'
import { FloatingRoot } from './floating'

/** A modal over the page. Escape and a click outside close it. */
export function Dialog(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  children: ReactNode
  className?: string
  initialFocus?: RefObject<HTMLElement | null>
}) {
  return (
    <Base.Root open={props.open} onOpenChange={(open) => props.onOpenChange(open)}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          {...(props.initialFocus ? { initialFocus: props.initialFocus } : {})}
          className={cn(
            'fixed top-[min(12vh,8rem)] left-1/2 z-50 max-h-[85dvh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 overflow-y-auto rounded-lg border border-line bg-raised p-5 shadow-float outline-none transition-[opacity,transform] duration-150 data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0',
            props.className,
          )}
        >
          <div className="mb-3 flex items-start justify-between gap-4">
            <div>
              <Base.Title className="text-base font-semibold">{props.title}</Base.Title>
              {props.description ? (
                <Base.Description className="mt-1 text-sm text-muted">{props.description}</Base.Description>
              ) : null}
            </div>
            <Base.Close aria-label="Close" className="-m-1 rounded-md p-1 text-muted hover:bg-sunken hover:text-text">
              <X className="size-4" aria-hidden />
            </Base.Close>
          </div>
          <FloatingRoot value={undefined}>{props.children}</FloatingRoot>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
