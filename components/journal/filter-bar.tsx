'use client'
import { SlidersHorizontal } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'

/** Filters in one row; on a narrow screen all but the first wait behind a button. `active`: how many of those are set. */
export function FilterBar(props: { first: ReactNode; active: number; children: ReactNode }) {
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <search className="flex flex-wrap items-center gap-2">
      <div className="flex w-full gap-2 sm:w-56">
        <div className="min-w-0 flex-1">{props.first}</div>
        <Button
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
          className={cn('sm:hidden', props.active > 0 && 'border-accent')}
        >
          <SlidersHorizontal aria-hidden />
          {props.active > 0 ? `Filters, ${props.active} set` : 'Filters'}
        </Button>
      </div>
      <div id={id} className={cn('flex-wrap items-center gap-2', open ? 'flex' : 'hidden sm:flex')}>
        {props.children}
      </div>
    </search>
  )
}
