import type { ReactNode } from 'react'

/** Nothing here yet: says why, and what to do next. */
export function EmptyState(props: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-xl justify-items-center gap-3 px-4 py-12 text-center">
      <h2 className="text-base font-semibold">{props.title}</h2>
      {props.children ? <div className="min-w-0 max-w-full text-sm text-muted">{props.children}</div> : null}
      {props.action}
    </div>
  )
}
