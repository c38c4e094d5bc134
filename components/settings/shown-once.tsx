'use client'
import { type ReactNode, useEffect, useRef } from 'react'
import { Button } from '@/components/ui/button'

/**
 * Something that is shown now and never again. It stands in the page rather than in a dialog, so that a stray key or a
 * click beside it does not lose it; only its own button puts it away.
 */
export function ShownOnce(props: { title: string; words: string; onDone: () => void; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
    heading.current?.scrollIntoView({ block: 'center' })
  }, [])
  return (
    <section
      aria-label={props.title}
      className="grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-4 rounded-lg border border-accent bg-surface p-4"
    >
      <div>
        <h3 ref={heading} tabIndex={-1} className="text-base font-semibold outline-none">
          {props.title}
        </h3>
        <p className="text-sm text-muted">{props.words}</p>
      </div>
      {props.children}
      <div>
        <Button variant="primary" onClick={props.onDone}>
          I have copied it
        </Button>
      </div>
    </section>
  )
}
