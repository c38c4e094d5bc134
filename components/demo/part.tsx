import { type ReactNode, useId } from 'react'

/** A part of the page under a heading of its own. */
export function Part(props: { title: string; note?: string; children: ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-3">
      <div className="flex flex-wrap items-baseline gap-x-3 border-b border-line pb-1.5">
        <h2 id={id} className="text-sm font-semibold">
          {props.title}
        </h2>
        {props.note ? <span className="text-xs text-faint">{props.note}</span> : null}
      </div>
      {props.children}
    </section>
  )
}
