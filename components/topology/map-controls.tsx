'use client'

import { type FitViewOptions, Panel, useReactFlow } from '@xyflow/react'
import { Maximize, Minus, Plus, Workflow } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '../ui/cn'

/** Zoom, fit, arrange. The keys that do the same are in the titles. */
export function MapControls(props: { busy: boolean; onArrange: () => void; fit: FitViewOptions }) {
  const flow = useReactFlow()
  return (
    <Panel position="bottom-left" className="flex items-center gap-2">
      <div className="flex divide-x divide-line overflow-hidden rounded-md border border-line-strong bg-surface">
        <Control label="Zoom in" keys="+" onClick={() => void flow.zoomIn({ duration: 150 })}>
          <Plus aria-hidden />
        </Control>
        <Control label="Zoom out" keys="-" onClick={() => void flow.zoomOut({ duration: 150 })}>
          <Minus aria-hidden />
        </Control>
        <Control label="Show the whole map" keys="0" onClick={() => void flow.fitView({ ...props.fit, duration: 180 })}>
          <Maximize aria-hidden />
        </Control>
      </div>
      <button
        type="button"
        onClick={props.onArrange}
        disabled={props.busy}
        title="Compute every place anew"
        className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-2.5 text-xs text-muted hover:bg-sunken hover:text-text disabled:opacity-60"
      >
        <Workflow className={cn('size-3.5', props.busy && 'animate-pulse')} aria-hidden />
        {props.busy ? 'Arranging…' : 'Arrange'}
      </button>
    </Panel>
  )
}

function Control(props: { label: string; keys: string; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={props.label}
      title={`${props.label} (${props.keys})`}
      onClick={props.onClick}
      className="grid size-8 place-items-center text-muted hover:bg-sunken hover:text-text [&_svg]:size-4"
    >
      {props.children}
    </button>
  )
}
