'use client'
import { Button } from './button'

/** What went wrong, what it means, and a way on. */
export function ErrorState(props: { title?: string; message: string; onRetry?: () => void }) {
  return (
    <div role="alert" className="mx-auto grid max-w-xl justify-items-center gap-3 px-4 py-12 text-center">
      <h2 className="text-base font-semibold">{props.title ?? 'This could not be loaded'}</h2>
      <p className="text-sm text-muted">{props.message}</p>
      {props.onRetry ? <Button onClick={props.onRetry}>Try again</Button> : null}
    </div>
  )
}
