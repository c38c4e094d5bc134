'use client'
import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { cn } from './cn'

/**
 * A panel beside what it belongs to: the list stays in sight and in reach. Over the whole width on a narrow screen.
 * Escape closes it, unless something inside used the key.
 */
export function Sheet(props: {
  title: ReactNode
  label: string
  onClose: () => void
  children: ReactNode
  className?: string
  actions?: ReactNode
}) {
  const { onClose } = props
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      if (document.querySelector('[role="dialog"]')) return
      onClose()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [onClose])
  // Beside the list, the keyboard stays in the list; over it, the panel is all there is.
  useEffect(() => {
    if (!matchMedia('(max-width: 767px)').matches) return
    const before = document.activeElement
    panel.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={props.label}
      className={cn(
        'panel-in fixed inset-x-0 bottom-0 top-12 z-30 flex flex-col border-l border-line bg-surface outline-none md:static md:inset-auto md:z-auto md:w-[26rem] md:shrink-0',
        props.className,
      )}
    >
      <header className="flex items-start justify-between gap-3 border-b border-line px-4 py-3">
        <div className="min-w-0 flex-1 normal-nums">{props.title}</div>
        <div className="flex items-center gap-1">
          {props.actions}
          <button
            type="button"
            aria-label="Close panel"
            onClick={onClose}
            className="rounded-md p-1.5 text-muted hover:bg-sunken hover:text-text"
          >
            <X className="size-4" aria-hidden />
          </button>
        </div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="min-h-0 flex-1 overflow-y-auto px-4 py-3" tabIndex={0} aria-label={props.label}>
        {props.children}
      </section>
    </aside>
  )
}
