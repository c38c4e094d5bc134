import { type ReactNode, useId } from 'react'
import { cn } from '../ui/cn'

/** A part of a page or a panel under a heading of its own. */
export function Section(props: { title: ReactNode; aside?: ReactNode; children: ReactNode; className?: string }) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={cn('grid min-w-0 grid-cols-1 content-start gap-2', props.className)}>
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-2">
        <h2 id={id} className="text-sm font-semibold">
          {props.title}
        </h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  )
}
